// The compliance pipeline: court → BISO → traffic light → verdict; a pure function of the policy set and the recorded facts (the plan: ComplianceEnforcementPipeline).
import { evaluateBiso } from './biso/evaluateBiso.js';
import { compilePolicySet, type CompiledPolicySet } from './compiledPolicySet.js';
import { checkAgreements } from './court/checkAgreements.js';
import { allowMessage, describeViolation, refusalMessage } from './message.js';
import { narrow } from './regions.js';
import { exceptingFor, NO_EXCEPTIONS, type Excepting } from './exceptions.js';
import { endsOfPod, type FlowEnds, type Question } from './question.js';
import { decideFlow, type FlowFinding } from './trafficLight/decideFlow.js';
import type { AdmissionFacts, DataFacts, FlowDecision, Light, NodeFacts, PolicySet, RuleEvaluation, Verdict, Violation } from './types.js';

const SEVERITY: readonly Light[] = ['Green', 'Yellow', 'Red'];
const worst = (flows: readonly FlowDecision[]): Light => SEVERITY[Math.max(0, ...flows.map(({ light }) => SEVERITY.indexOf(light)))]!;

interface Findings {
  legal: Verdict['legal'];
  violations: Violation[];
  flows: FlowDecision[];
  evaluated: RuleEvaluation[];
  allowedRegions: string[] | null;
}

/** Where the data goes: every declared destination, and every region the pod pins itself to. */
function destinationsOf(facts: AdmissionFacts, data: DataFacts): string[] {
  return [...new Set([...data.destinationRegions, ...(facts.pod?.pinnedRegions ?? [])])].toSorted();
}

/** Verdicts travel in transactions: so many rules and violations are listed one by one, the rest are counted. */
const MAX_LISTED = 32;
const counted = (outcome: RuleEvaluation['outcome'], count: number, what: string): RuleEvaluation[] =>
  count > 0 ? [{ kind: '', name: '', rule: '', outcome, reason: `${what}: ${count}` }] : [];

/** What was not met comes before what was. */
function listRules(asked: readonly RuleEvaluation[], notMatching: number): RuleEvaluation[] {
  const failed = asked.filter(({ outcome }) => outcome !== 'pass');
  const passed = asked.filter(({ outcome }) => outcome === 'pass');
  const shown = passed.slice(0, Math.max(0, MAX_LISTED - failed.length));
  return [
    ...failed.slice(0, MAX_LISTED),
    ...counted('violation', failed.length - MAX_LISTED, 'more that are not met'),
    ...shown,
    ...counted('pass', passed.length - shown.length, 'more that are met'),
    ...counted('no-match', notMatching, 'rules that do not concern this request'),
  ];
}

const flowEvaluation = ({ flow, outcome }: FlowFinding): RuleEvaluation =>
  ({ kind: 'TrafficRule', name: flow.rule, rule: `${flow.sourceRegion}→${flow.destinationRegion}`, outcome, reason: flow.light });

/** What is known beyond the recorded facts. */
export interface Circumstances {
  /** At placement. */
  node?: NodeFacts;
  /** Of a flow that is no pod's. */
  ends?: FlowEnds;
}

function evaluateData(policies: CompiledPolicySet, facts: AdmissionFacts, { node, ends }: Circumstances, excepting: Excepting): Findings {
  const data = facts.data!;
  const agreementRequired = policies.clusters.some(({ name, spec }) => name === facts.cluster && spec.requireAgreement);
  const court = checkAgreements(policies, facts, data, agreementRequired);
  const question: Question = { policies, facts, data, node: node ?? null, ends: ends ?? endsOfPod(facts), excepting, agreements: court.inForce };
  const biso = evaluateBiso(question);
  const flows = destinationsOf(facts, data).map((destination) => decideFlow(question, destination));
  const byRule = flows.filter(({ flow }) => flow.rule !== '');
  const decidingRules = new Set(byRule.map(({ flow }) => flow.rule)).size;
  const notMatching = policies.bisoRuleCount - biso.evaluated.length + policies.trafficRuleCount - decidingRules;
  return {
    legal: court.legal,
    violations: [...court.violations, ...biso.violations, ...flows.flatMap(({ violation }) => violation ?? [])],
    flows: flows.map(({ flow }) => flow),
    evaluated: listRules([...biso.evaluated, ...byRule.map(flowEvaluation)], notMatching),
    allowedRegions: court.regions === null ? biso.allowedRegions : narrow(biso.allowedRegions, court.regions),
  };
}

const NOTHING_ASKED: Findings = { legal: { compliant: true, agreements: [], reason: 'no data is concerned' }, violations: [], flows: [], evaluated: [], allowedRegions: null };

/** Required regions and agreements that have none in common leave no place at all, which is a refusal rather than a pod that waits for ever. */
function nowhere({ allowedRegions, evaluated, legal }: Findings): Violation[] {
  if (allowedRegions?.length !== 0) return [];
  const names = [...new Set([...evaluated.filter(({ kind }) => kind === 'BisoPolicy').map(({ name }) => name), ...legal.agreements])].join(', ');
  const cure = 'change one of them, or the data\'s class or region';
  return [{ kind: 'BisoPolicy', name: names, rule: '', clause: '', regulation: '', message: 'the policies and agreements that apply leave no region to run in', cure, action: 'reject_workload' }];
}

function verdictOf(set: PolicySet, facts: AdmissionFacts, findings: Findings): Verdict {
  const all = [...facts.guards, ...findings.violations, ...nowhere(findings)];
  const refusing = all.filter(({ action }) => action !== 'audit');
  const decision = refusing.length > 0 ? 'refuse' : 'allow';
  const light = decision === 'refuse' ? 'Red' : worst(findings.flows);
  const obligations = decision === 'refuse' ? [] : findings.flows.flatMap((flow) => flow.obligations);
  const { legal, flows, evaluated, allowedRegions } = findings;
  return {
    decision,
    light,
    policyHeight: set.policyHeight,
    legal,
    violations: all.slice(0, MAX_LISTED),
    warnings: [
      ...all.filter(({ action }) => action === 'audit').slice(0, MAX_LISTED).map((violation) => `audit: ${describeViolation(violation)}`),
      ...obligations.map(({ type, parameters, rule }) => `Yellow, rule ${rule}: ${type} ${Object.entries(parameters).map(([key, value]) => `${key}=${value}`).join(' ')}`.trim()),
    ],
    flows,
    obligations,
    evaluated,
    allowedRegions,
    message: decision === 'refuse' ? refusalMessage(facts, refusing) : allowMessage(facts, { light, obligations, allowedRegions }),
  };
}

/** With exceptions, and what it would be without them, when any was made. */
function withExceptions(verdict: Verdict, excepting: Excepting, without: () => Verdict): Verdict {
  const exceptions = excepting.applied();
  if (exceptions.length === 0) return verdict;
  const { decision, light, allowedRegions, message } = without();
  const warnings = exceptions.map(({ name, policy, rule, approvers, expiresAt, breakGlass }) => `${breakGlass ? 'BREAK-GLASS: ' : ''}excepted from ${policy}${rule ? `/${rule}` : ''} by PolicyException ${name}, approved by ${approvers.join(', ')}, until ${expiresAt}`);
  return { ...verdict, warnings: [...verdict.warnings, ...warnings], exceptions, without: { decision, light, allowedRegions, message } };
}

export function evaluate(set: PolicySet, facts: AdmissionFacts, circumstances: Circumstances = {}): Verdict {
  if (facts.data === null || facts.cluster === null) return verdictOf(set, facts, NOTHING_ASKED);
  const policies = compilePolicySet(set);
  const judge = (excepting: Excepting) => verdictOf(set, facts, evaluateData(policies, facts, circumstances, excepting));
  const excepting = exceptingFor(policies, facts);
  return withExceptions(judge(excepting), excepting, () => judge(NO_EXCEPTIONS));
}

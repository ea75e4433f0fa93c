// The compliance pipeline: court → BISO → traffic light → verdict; a pure function of the policy set and the recorded facts (the plan: ComplianceEnforcementPipeline).
import { evaluateBiso } from './biso/evaluateBiso.js';
import { compilePolicySet, type CompiledPolicySet } from './compiledPolicySet.js';
import { checkAgreements } from './court/checkAgreements.js';
import { allowMessage, describeViolation, refusalMessage } from './message.js';
import { decideFlow } from './trafficLight/decideFlow.js';
import type { AdmissionFacts, DataFacts, FlowDecision, Light, PolicySet, RuleEvaluation, Verdict, Violation } from './types.js';

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

function evaluateData(policies: CompiledPolicySet, facts: AdmissionFacts, data: DataFacts): Findings {
  const agreementRequired = policies.clusters.some(({ name, spec }) => name === facts.cluster && spec.requireAgreement);
  const court = checkAgreements(policies, facts, data, agreementRequired);
  const biso = evaluateBiso(policies, facts, data, court.inForce);
  const flows = destinationsOf(facts, data).map((destination) => decideFlow(policies, facts, data, destination));
  const matchedRules = new Set(flows.map(({ flow }) => flow.rule).filter(Boolean));
  const notMatching = policies.bisoRuleCount - biso.evaluated.length + policies.trafficRuleCount - matchedRules.size;
  const evaluated: RuleEvaluation[] = [
    ...biso.evaluated,
    ...flows.filter(({ flow }) => flow.rule).map(({ flow }): RuleEvaluation => ({
      kind: 'TrafficRule',
      name: flow.rule,
      rule: `${flow.sourceRegion}→${flow.destinationRegion}`,
      outcome: flow.light === 'Red' ? 'violation' : 'pass',
      reason: flow.light,
    })),
    ...(notMatching > 0 ? [{ kind: '', name: '', rule: '', outcome: 'no-match' as const, reason: `${notMatching} rules do not concern this request` }] : []),
  ];
  return {
    legal: court.legal,
    violations: [...court.violations, ...biso.violations, ...flows.flatMap(({ violation }) => violation ?? [])],
    flows: flows.map(({ flow }) => flow),
    evaluated,
    allowedRegions: biso.allowedRegions,
  };
}

const NOTHING_ASKED: Findings = { legal: { compliant: true, agreements: [], reason: 'no data is concerned' }, violations: [], flows: [], evaluated: [], allowedRegions: null };

/** An empty intersection of required regions leaves no place at all, which is a refusal rather than a pod that waits for ever. */
function nowhere(findings: Findings): Violation[] {
  if (findings.allowedRegions?.length !== 0) return [];
  const policies = [...new Set(findings.evaluated.filter(({ kind }) => kind === 'BisoPolicy').map(({ name }) => name))].join(', ');
  return [{ kind: 'BisoPolicy', name: policies, rule: '', clause: '', regulation: '', message: 'the policies that apply leave no region to run in', cure: 'change one of them, or the data\'s class or region', action: 'reject_workload' }];
}

export function evaluate(set: PolicySet, facts: AdmissionFacts): Verdict {
  const asked = facts.data !== null && facts.cluster !== null;
  const findings = asked ? evaluateData(compilePolicySet(set), facts, facts.data!) : NOTHING_ASKED;
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
    violations: all,
    warnings: [
      ...all.filter(({ action }) => action === 'audit').map((violation) => `audit: ${describeViolation(violation)}`),
      ...obligations.map(({ type, parameters, rule }) => `Yellow, rule ${rule}: ${type} ${Object.entries(parameters).map(([key, value]) => `${key}=${value}`).join(' ')}`.trim()),
    ],
    flows,
    obligations,
    evaluated,
    allowedRegions,
    message: decision === 'refuse' ? refusalMessage(facts, refusing) : allowMessage(facts, { light, obligations, allowedRegions }),
  };
}

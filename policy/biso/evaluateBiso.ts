// BISO: which policy rules match the request, and which of them it violates (the plan's PolicyEvaluationRequest; agreement 7.2).
import type { CompiledBisoRule } from '../compiledPolicySet.js';
import { firstLine } from '../expression.js';
import { nodeRegionOf, type ExpressionInput } from '../expressionVariables.js';
import { selects } from '../labelSelector.js';
import type { Question } from '../question.js';
import { FLOW_OPERATION } from '../types.js';
import { anyRegion, concernsRegion, narrow } from '../regions.js';
import type { AdmissionFacts, DataFacts, RuleEvaluation, Violation } from '../types.js';
import { violationOf } from '../violation.js';

export interface BisoFinding {
  /** Those about regions first: a reader who cannot cure these need not read on. */
  violations: Violation[];
  evaluated: RuleEvaluation[];
  /** null = not restricted. */
  allowedRegions: string[] | null;
}

const intersects = (list: readonly string[] | undefined, values: readonly string[]) => !list || list.length === 0 || values.some((value) => list.includes(value));

/** The parts of `match` that class, source region and operation type have not decided. A rule about nodes matches none before there is one. */
function matches({ rule: { match } }: CompiledBisoRule, { facts, data, node }: Question): boolean {
  if (!match) return true;
  const towards = [...data.destinationRegions, ...(facts.pod?.pinnedRegions ?? [])];
  return (anyRegion(match.destinationRegions) || towards.some((region) => concernsRegion(match.destinationRegions, region)))
    && intersects(match.regulations, data.regulations)
    && intersects(match.agreements, data.agreements)
    && selects(match.podSelector, facts.pod?.labels ?? {})
    && selects(match.namespaceSelector, facts.namespace.labels)
    && (match.nodeSelector === undefined || (node !== null && selects(match.nodeSelector, node.labels)));
}

function outsideRegions(regions: readonly string[] | undefined, facts: AdmissionFacts, data: DataFacts): string | undefined {
  if (anyRegion(regions)) return undefined;
  const pinned = facts.pod?.pinnedRegions?.find((region) => !regions!.includes(region));
  if (pinned !== undefined) return `its node would be in ${pinned}, outside ${regions!.join(', ')}`;
  const destination = data.destinationRegions.find((region) => !regions!.includes(region));
  return destination === undefined ? undefined : `the data is sent to ${destination}, outside ${regions!.join(', ')}`;
}

interface Answer {
  outcome: RuleEvaluation['outcome'];
  reason: string;
  /** It is about where, which nothing but another place can cure. */
  where?: true;
}
const PASS: Answer = { outcome: 'pass', reason: '' };

/** The region is known of a pinned pod too, everything else of a node only when it is considered. */
const isNodeKnown = (need: 'region' | 'node', input: ExpressionInput) => (need === 'region' ? nodeRegionOf(input) !== undefined : input.node !== null);

function askExpression(expression: NonNullable<CompiledBisoRule['expression']>, input: ExpressionInput): Answer {
  if (!expression.ok) return { outcome: 'error', reason: `its expression does not compile: ${expression.message}` };
  const { text, needsNode, needsPod, holds } = expression.expression;
  if (needsPod && input.facts.operation === FLOW_OPERATION) return { outcome: 'pass', reason: 'asked of pods only' };
  if (needsNode && !isNodeKnown(needsNode, input)) return { outcome: 'pass', reason: 'asked for each node at placement' };
  try {
    return holds(input) ? PASS : { outcome: 'violation', reason: `${text} does not hold` };
  } catch (error) {
    return { outcome: 'error', reason: `its expression cannot be evaluated: ${firstLine(error)}` };
  }
}

function ask({ rule: { requirement }, expression }: CompiledBisoRule, { facts, data }: Question, input: ExpressionInput): Answer {
  const outside = outsideRegions(requirement.regions, facts, data);
  if (outside !== undefined) return { outcome: 'violation', reason: outside, where: true };
  if (requirement.agreementInForce && input.agreements.length === 0) return { outcome: 'violation', reason: 'no agreement in force covers the data' };
  return expression ? askExpression(expression, input) : PASS;
}

export function evaluateBiso(question: Question): BisoFinding {
  const { policies, facts, data, node, agreements, excepting } = question;
  const input: ExpressionInput = { facts, node, agreements, flow: null };
  const finding: BisoFinding = { violations: [], evaluated: [], allowedRegions: null };
  const others: Violation[] = [];
  for (const compiled of policies.bisoRulesFor(facts, data)) {
    if (!matches(compiled, question)) continue;
    const { policy, rule } = compiled;
    const of = { kind: 'BisoPolicy' as const, name: policy.name, rule: rule.name };
    const excepted = excepting.from({ ...of, approval: policy.spec.exceptionApproval });
    if (excepted) {
      finding.evaluated.push({ ...of, outcome: 'pass', reason: `excepted by PolicyException ${excepted.name}` });
      continue;
    }
    if (policy.spec.violationAction !== 'audit') finding.allowedRegions = narrow(finding.allowedRegions, rule.requirement.regions);
    const answer = ask(compiled, question, input);
    finding.evaluated.push({ ...of, outcome: answer.outcome, reason: answer.reason });
    if (answer.outcome === 'pass') continue;
    // An audit that cannot be made refuses too: nobody knows what it would have found.
    const action = answer.outcome === 'error' ? 'reject_workload' : policy.spec.violationAction;
    const violation = violationOf({ ...of, message: answer.reason, action }, rule.clause, `change the request so that ${policy.name} holds`);
    (answer.where ? finding.violations : others).push(violation);
  }
  finding.violations.push(...others);
  return finding;
}

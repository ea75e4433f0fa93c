// BISO: which policy rules match the request, and which of them it violates (the plan's PolicyEvaluationRequest; agreement 7.2).
import type { CompiledBisoRule, CompiledPolicySet } from '../compiledPolicySet.js';
import { selects } from '../labelSelector.js';
import { anyRegion, narrow } from '../regions.js';
import type { AdmissionFacts, DataFacts, RuleEvaluation, Violation } from '../types.js';
import { violationOf } from '../violation.js';

export interface BisoFinding {
  violations: Violation[];
  evaluated: RuleEvaluation[];
  /** null = not restricted. */
  allowedRegions: string[] | null;
}

const intersects = (list: readonly string[] | undefined, values: readonly string[]) => !list || list.length === 0 || values.some((value) => list.includes(value));

/** The parts of `match` that the index has not decided. */
function matches({ rule: { match } }: CompiledBisoRule, facts: AdmissionFacts, data: DataFacts): boolean {
  if (!match) return true;
  const towards = [...data.destinationRegions, ...(facts.pod?.pinnedRegions ?? [])];
  return (anyRegion(match.destinationRegions) || intersects(match.destinationRegions, towards))
    && intersects(match.regulations, data.regulations)
    && intersects(match.agreements, data.agreements)
    && selects(match.podSelector, facts.pod?.labels ?? {})
    && selects(match.namespaceSelector, facts.namespace.labels);
}

function outsideRegions(regions: readonly string[] | undefined, facts: AdmissionFacts, data: DataFacts): string | undefined {
  if (anyRegion(regions)) return undefined;
  const pinned = facts.pod?.pinnedRegions?.find((region) => !regions!.includes(region));
  if (pinned !== undefined) return `the pod asks for a node in ${pinned}, outside ${regions!.join(', ')}`;
  const destination = data.destinationRegions.find((region) => !regions!.includes(region));
  return destination === undefined ? undefined : `the data is sent to ${destination}, outside ${regions!.join(', ')}`;
}

/** What is violated; undefined when all requirements hold. `error` when the expression could not be evaluated, which refuses too. */
function unmet({ rule: { requirement }, expression }: CompiledBisoRule, facts: AdmissionFacts, data: DataFacts, agreementsInForce: readonly string[]): { reason: string; error: boolean } | undefined {
  const outside = outsideRegions(requirement.regions, facts, data);
  if (outside !== undefined) return { reason: outside, error: false };
  if (requirement.agreementInForce && agreementsInForce.length === 0) return { reason: 'no agreement in force covers the data', error: false };
  if (!expression) return undefined;
  if (!expression.ok) return { reason: `its expression does not compile: ${expression.message}`, error: true };
  try {
    return expression.expression.holds(facts) ? undefined : { reason: `${expression.expression.text} does not hold`, error: false };
  } catch (error) {
    return { reason: `its expression cannot be evaluated: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}`, error: true };
  }
}

export function evaluateBiso(policies: CompiledPolicySet, facts: AdmissionFacts, data: DataFacts, agreementsInForce: readonly string[]): BisoFinding {
  const finding: BisoFinding = { violations: [], evaluated: [], allowedRegions: null };
  for (const compiled of policies.bisoRulesFor(data)) {
    if (!matches(compiled, facts, data)) continue;
    const { policy, rule } = compiled;
    const of = { kind: 'BisoPolicy', name: policy.name, rule: rule.name };
    if (policy.spec.violationAction !== 'audit') finding.allowedRegions = narrow(finding.allowedRegions, rule.requirement.regions);
    const fault = unmet(compiled, facts, data, agreementsInForce);
    finding.evaluated.push({ ...of, outcome: fault ? (fault.error ? 'error' : 'violation') : 'pass', reason: fault?.reason ?? '' });
    if (!fault) continue;
    const action = fault.error ? 'reject_workload' : policy.spec.violationAction;
    finding.violations.push(violationOf({ ...of, message: fault.reason, action }, rule.clause, `change the request so that ${policy.name} holds`));
  }
  return finding;
}

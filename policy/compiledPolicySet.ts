// A policy set made ready for many evaluations: expressions compiled, rules ordered and indexed, so that a verdict looks only at rules that could match.
import { withDefaults } from '../api/defaults.js';
import type { BisoPolicySpec, BisoRule, TrafficRuleSpec } from '../api/index.js';
import { compileExpression, type Compilation, type ExpressionUse } from './expression.js';
import { concernsRegion, coversRegion } from './regions.js';
import type { DataFacts, Light, Named, PolicySet } from './types.js';

export interface CompiledBisoRule {
  policy: Named<BisoPolicySpec>;
  rule: BisoRule;
  expression: Compilation | null;
}
export interface CompiledTrafficRule {
  rule: Named<TrafficRuleSpec>;
  expression: Compilation | null;
}
export interface CompiledPolicySet {
  set: PolicySet;
  agreements: ReadonlyMap<string, PolicySet['agreements'][number]>;
  /** By name. */
  clusters: PolicySet['clusters'];
  /** Rules in their order of evaluation whose classes, source regions and operation types include the data's. */
  bisoRulesFor(data: DataFacts): readonly CompiledBisoRule[];
  /** Rules in their precedence for a flow between two single regions. */
  trafficRulesFor(data: DataFacts, source: string, destination: string): readonly CompiledTrafficRule[];
  bisoRuleCount: number;
  trafficRuleCount: number;
}

/** By code unit, not by locale: the order must be the same on every machine. */
export const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const SEVERITY: Record<Light, number> = { Red: 0, Yellow: 1, Green: 2 };

/** Precedence of TrafficRules: priority descending, then Red before Yellow before Green, then name. Total, because names are unique. */
export function comparePrecedence(a: Named<TrafficRuleSpec>, b: Named<TrafficRuleSpec>): number {
  return b.spec.priority - a.spec.priority || SEVERITY[a.spec.light] - SEVERITY[b.spec.light] || byText(a.name, b.name);
}

const named = (a: { name: string }, b: { name: string }) => byText(a.name, b.name);
const includes = (list: readonly string[] | undefined, value: string) => !list || list.length === 0 || list.includes(value);
const compiled = (text: string | undefined, use: ExpressionUse) => (text === undefined ? null : compileExpression(text, use));

const MAX_KEYS = 1_024;

/** Remembers what was selected for a key; the keys of well-formed requests are few (4 classes, 4 × 4 regions, 5 operation types). */
function indexed<Rule>(): (key: string, select: () => readonly Rule[]) => readonly Rule[] {
  const known = new Map<string, readonly Rule[]>();
  return (key, select) => {
    const before = known.get(key);
    if (before) return before;
    const rules = select();
    if (known.size < MAX_KEYS) known.set(key, rules);
    return rules;
  };
}

function compile(set: PolicySet): CompiledPolicySet {
  const policies = set.policies.toSorted(named).map((policy) => ({ ...policy, spec: withDefaults('BisoPolicy', policy.spec) }));
  const rules = set.rules.map((rule) => ({ ...rule, spec: withDefaults('TrafficRule', rule.spec) }));
  const biso = policies.flatMap((policy) =>
    policy.spec.rules.toSorted(named).map((rule): CompiledBisoRule => ({ policy, rule, expression: compiled(rule.requirement.expression, 'requirement') })));
  const traffic = rules.toSorted(comparePrecedence).map((rule): CompiledTrafficRule => ({ rule, expression: compiled(rule.spec.conditions?.expression, 'condition') }));
  const bisoIndex = indexed<CompiledBisoRule>();
  const trafficIndex = indexed<CompiledTrafficRule>();
  return {
    set,
    agreements: new Map(set.agreements.map((agreement) => [agreement.name, agreement])),
    clusters: set.clusters.toSorted(named).map((cluster) => ({ ...cluster, spec: withDefaults('EncCluster', cluster.spec) })),
    bisoRulesFor: ({ classification, sourceRegion, operationType }) =>
      bisoIndex(`${classification}|${sourceRegion}|${operationType}`, () => biso.filter(({ policy: { spec }, rule: { match } }) =>
        includes(spec.classifications, classification) && concernsRegion(spec.regions, sourceRegion)
        && includes(match?.classifications, classification) && concernsRegion(match?.sourceRegions, sourceRegion)
        && includes(match?.operationTypes, operationType))),
    trafficRulesFor: ({ classification, operationType }, source, destination) =>
      trafficIndex(`${classification}|${source}|${destination}|${operationType}`, () => traffic.filter(({ rule: { spec } }) =>
        includes(spec.source.classifications, classification) && coversRegion(spec.source.regions, source)
        && includes(spec.destination.classifications, classification) && coversRegion(spec.destination.regions, destination)
        && includes(spec.operationTypes, operationType))),
    bisoRuleCount: biso.length,
    trafficRuleCount: traffic.length,
  };
}

const cache = new WeakMap<PolicySet, CompiledPolicySet>();

/** Compiled once for each PolicySet object: sets are immutable, keep the object to keep what was compiled. Defaults that a spec lacks are filled in. */
export function compilePolicySet(set: PolicySet): CompiledPolicySet {
  let made = cache.get(set);
  if (!made) cache.set(set, (made = compile(set)));
  return made;
}

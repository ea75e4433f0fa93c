// A policy set made ready for many evaluations: expressions compiled, rules ordered and indexed, so that a verdict looks only at rules that could match.
import type { BisoPolicySpec, BisoRule, TrafficRuleSpec } from '../api/index.js';
import { compileExpression, type Compilation } from './expression.js';
import { concernsRegion } from './regions.js';
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
  clusters: PolicySet['clusters'];
  /** Rules in their order of evaluation whose classes, source regions and operation types include the data's. */
  bisoRulesFor(data: DataFacts): readonly CompiledBisoRule[];
  trafficRulesFor(data: DataFacts): readonly CompiledTrafficRule[];
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
const compiled = (text: string | undefined) => (text === undefined ? null : compileExpression(text));

/** Remembers what `select` gave for each class, source region and operation type; there are at most 4 × 4 × 5 of them. */
function indexed<Rule>(all: readonly Rule[], select: (rule: Rule, data: DataFacts) => boolean): (data: DataFacts) => readonly Rule[] {
  const known = new Map<string, readonly Rule[]>();
  return (data) => {
    const key = `${data.classification}|${data.sourceRegion}|${data.operationType}`;
    let rules = known.get(key);
    if (!rules) known.set(key, (rules = all.filter((rule) => select(rule, data))));
    return rules;
  };
}

function compile(set: PolicySet): CompiledPolicySet {
  const biso = set.policies.toSorted(named).flatMap((policy) =>
    policy.spec.rules.toSorted(named).map((rule): CompiledBisoRule => ({ policy, rule, expression: compiled(rule.requirement.expression) })));
  const traffic = set.rules.toSorted(comparePrecedence).map((rule): CompiledTrafficRule => ({ rule, expression: compiled(rule.spec.conditions?.expression) }));
  return {
    set,
    agreements: new Map(set.agreements.map((agreement) => [agreement.name, agreement])),
    clusters: set.clusters.toSorted(named),
    bisoRulesFor: indexed(biso, ({ policy, rule }, data) =>
      includes(policy.spec.classifications, data.classification) && concernsRegion(policy.spec.regions, data.sourceRegion)
      && includes(rule.match?.classifications, data.classification) && concernsRegion(rule.match?.sourceRegions, data.sourceRegion)
      && includes(rule.match?.operationTypes, data.operationType)),
    trafficRulesFor: indexed(traffic, ({ rule: { spec } }, data) =>
      includes(spec.source.classifications, data.classification) && concernsRegion(spec.source.regions, data.sourceRegion)
      && includes(spec.destination.classifications, data.classification) && includes(spec.operationTypes, data.operationType)),
    bisoRuleCount: biso.length,
    trafficRuleCount: traffic.length,
  };
}

const cache = new WeakMap<PolicySet, CompiledPolicySet>();

/** Compiled once for each PolicySet object: sets are immutable, keep the object to keep what was compiled. */
export function compilePolicySet(set: PolicySet): CompiledPolicySet {
  let made = cache.get(set);
  if (!made) cache.set(set, (made = compile(set)));
  return made;
}

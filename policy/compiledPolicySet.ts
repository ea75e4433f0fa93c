// A policy set made ready for many evaluations: expressions compiled, rules ordered and indexed, so that a verdict looks only at rules that could match.
import { withDefaults } from '../api/defaults.js';
import type { BisoPolicySpec, BisoRule, PolicyExceptionSpec, TrafficRuleSpec } from '../api/index.js';
import { REGIONS } from '../api/labels.js';
import { compileExpression, type Compilation } from './expression.js';
import type { ExpressionUse } from './expressionVariables.js';
import { anyRegion, concernsRegion, coversRegion } from './regions.js';
import { firstNeed, labelKeys, RuleIndex, selectorKeys } from './ruleIndex.js';
import type { AdmissionFacts, Classification, DataFacts, Light, Named, PolicySet } from './types.js';

export interface CompiledBisoRule {
  policy: Named<BisoPolicySpec>;
  rule: BisoRule;
  expression: Compilation | null;
}
export interface CompiledTrafficRule {
  rule: Named<TrafficRuleSpec>;
  expression: Compilation | null;
}
/** Labels of a flow's other end; null when only its region is known. */
export type OtherEnd = { labels: Readonly<Record<string, string>>; namespaceLabels: Readonly<Record<string, string>> } | null;

export interface CompiledPolicySet {
  set: PolicySet;
  agreements: ReadonlyMap<string, PolicySet['agreements'][number]>;
  /** By name. */
  clusters: PolicySet['clusters'];
  /** By name. */
  exceptions: readonly Named<PolicyExceptionSpec>[];
  /** Rules in their order of evaluation that could match. */
  bisoRulesFor(facts: AdmissionFacts, data: DataFacts): readonly CompiledBisoRule[];
  /** Rules that could match in their precedence, for a flow between two single regions towards an end cleared for a class. */
  trafficRulesFor(facts: AdmissionFacts, data: DataFacts, flow: { source: string; destination: string; clearance: Classification; end: OtherEnd }): readonly CompiledTrafficRule[];
  /** Whether some rule about such data asks more of a node than its region. */
  asksForNode(data: DataFacts): boolean;
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
const prefixed = (prefix: string, list: readonly string[] | undefined) => (list?.length ? list.map((item) => `${prefix}:${item}`) : null);

const MAX_KEYS = 1_024;

/** Remembers what was selected for a key; the keys of well-formed requests are few (4 classes, 4 × 4 regions, 5 operation types). */
function remembered<Value>(): (key: string, select: () => Value) => Value {
  const known = new Map<string, Value>();
  return (key, select) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const value = select();
    if (known.size < MAX_KEYS) known.set(key, value);
    return value;
  };
}

/** Every version of a set has mostly the objects of the one before. */
const policySpecs = new WeakMap<BisoPolicySpec, { spec: BisoPolicySpec; rules: Omit<CompiledBisoRule, 'policy'>[] }>();
const trafficSpecs = new WeakMap<TrafficRuleSpec, { spec: TrafficRuleSpec; expression: Compilation | null }>();

function compilePolicy(policy: Named<BisoPolicySpec>): CompiledBisoRule[] {
  let made = policySpecs.get(policy.spec);
  if (!made) {
    const spec = withDefaults('BisoPolicy', policy.spec);
    made = { spec, rules: spec.rules.toSorted(named).map((rule) => ({ rule, expression: compiled(rule.requirement.expression, 'requirement') })) };
    policySpecs.set(policy.spec, made);
  }
  const filled = { ...policy, spec: made.spec };
  return made.rules.map((rule) => ({ policy: filled, ...rule }));
}

function compileTraffic(rule: Named<TrafficRuleSpec>): CompiledTrafficRule {
  let made = trafficSpecs.get(rule.spec);
  if (!made) {
    const spec = withDefaults('TrafficRule', rule.spec);
    made = { spec, expression: compiled(spec.conditions?.expression, 'condition') };
    trafficSpecs.set(rule.spec, made);
  }
  return { rule: { ...rule, spec: made.spec }, expression: made.expression };
}

const needOfBiso = ({ rule: { match = {} } }: CompiledBisoRule) => ({
  any: firstNeed(
    selectorKeys('pod', match.podSelector),
    selectorKeys('namespace', match.namespaceSelector),
    prefixed('agreement', match.agreements),
    prefixed('regulation', match.regulations),
    anyRegion(match.destinationRegions) ? null : prefixed('to', match.destinationRegions),
  ),
});
const needOfTraffic = ({ rule: { spec } }: CompiledTrafficRule) => ({
  any: firstNeed(
    selectorKeys('pod', spec.source.podSelector),
    selectorKeys('namespace', spec.source.namespaceSelector),
    selectorKeys('end', spec.destination.podSelector),
    selectorKeys('endNamespace', spec.destination.namespaceSelector),
  ),
});

const ownKeys = ({ pod, namespace }: AdmissionFacts) => [...labelKeys('pod', pod?.labels ?? {}), ...labelKeys('namespace', namespace.labels)];

function bisoKeys(facts: AdmissionFacts, data: DataFacts): string[] {
  const towards = [...data.destinationRegions, ...(facts.pod?.pinnedRegions ?? [])];
  const regions = towards.includes('Global') ? [...towards, ...REGIONS] : towards;
  return [...ownKeys(facts), ...(prefixed('agreement', data.agreements) ?? []), ...(prefixed('regulation', data.regulations) ?? []), ...regions.map((region) => `to:${region}`)];
}

const endKeys = (end: OtherEnd) => (end ? [...labelKeys('end', end.labels), ...labelKeys('endNamespace', end.namespaceLabels)] : []);
const asksForMore = ({ rule, expression }: CompiledBisoRule) => rule.match?.nodeSelector !== undefined || (expression?.ok === true && expression.expression.needsNode === 'node');

function compile(set: PolicySet): CompiledPolicySet {
  const biso = set.policies.toSorted(named).flatMap(compilePolicy);
  const traffic = set.rules.map(compileTraffic).toSorted((a, b) => comparePrecedence(a.rule, b.rule));
  const bisoKnown = remembered<{ index: RuleIndex<CompiledBisoRule>; asksForNode: boolean }>();
  const trafficKnown = remembered<RuleIndex<CompiledTrafficRule>>();

  const bisoAbout = ({ classification, sourceRegion, operationType }: DataFacts) =>
    bisoKnown(`${classification}|${sourceRegion}|${operationType}`, () => {
      const rules = biso.filter(({ policy: { spec }, rule: { match } }) =>
        includes(spec.classifications, classification) && concernsRegion(spec.regions, sourceRegion)
        && includes(match?.classifications, classification) && concernsRegion(match?.sourceRegions, sourceRegion)
        && includes(match?.operationTypes, operationType));
      return { index: new RuleIndex(rules.map((rule) => ({ rule, ...needOfBiso(rule) }))), asksForNode: rules.some(asksForMore) };
    });
  return {
    set,
    agreements: new Map(set.agreements.map((agreement) => [agreement.name, agreement])),
    clusters: set.clusters.toSorted(named).map((cluster) => ({ ...cluster, spec: withDefaults('EncCluster', cluster.spec) })),
    exceptions: (set.exceptions ?? []).toSorted(named),
    bisoRulesFor: (facts, data) => bisoAbout(data).index.candidates(() => bisoKeys(facts, data)),
    asksForNode: (data) => bisoAbout(data).asksForNode,
    trafficRulesFor: (facts, { classification, operationType }, { source, destination, clearance, end }) =>
      trafficKnown(`${classification}|${source}|${destination}|${operationType}|${clearance}`, () => {
        const rules = traffic.filter(({ rule: { spec } }) =>
          includes(spec.source.classifications, classification) && coversRegion(spec.source.regions, source)
          && includes(spec.destination.classifications, clearance) && coversRegion(spec.destination.regions, destination)
          && includes(spec.operationTypes, operationType));
        return new RuleIndex(rules.map((rule) => ({ rule, ...needOfTraffic(rule) })));
      }).candidates(() => [...ownKeys(facts), ...endKeys(end)]),
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

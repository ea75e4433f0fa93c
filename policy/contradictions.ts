// Finds what can never be: selectors that select nothing, and rules of one policy that leave no region to what both match.
import type { FieldError } from '../api/fieldError.js';
import type { BisoPolicySpec, BisoRule, LabelSelector } from '../api/index.js';
import { anyRegion } from './regions.js';

/** Both given, and nothing in common. */
export const disjoint = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => !!a?.length && !!b?.length && !a.some((one) => b.includes(one));
export const disjointRegions = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean => !anyRegion(a) && !anyRegion(b) && disjoint(a, b);

type Requirement = { key: string; operator: string; values?: string[] };
const requirementsOf = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): Requirement[] => [
  ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
  ...matchExpressions,
];

/** A key for which no value, present or absent, satisfies every requirement. */
function impossibleKey(requirements: readonly Requirement[]): string | undefined {
  return requirements.map(({ key }) => key).find((key) => {
    const own = requirements.filter((requirement) => requirement.key === key);
    const lists = (operator: string) => own.filter((requirement) => requirement.operator === operator).map(({ values }) => values ?? []);
    const [first, ...more] = lists('In');
    const not = lists('NotIn').flat();
    const absent = lists('DoesNotExist').length > 0;
    if (absent && (first || lists('Exists').length > 0)) return true;
    return first !== undefined && !first.some((value) => more.every((values) => values.includes(value)) && !not.includes(value));
  });
}

export function impossibleSelector(path: string, selector: LabelSelector | undefined): FieldError[] {
  const key = selector && impossibleKey(requirementsOf(selector));
  if (key === undefined) return [];
  return [{ path, value: selector, message: `selects nothing: its requirements on ${key} contradict one another`, cure: 'let them agree, or leave some out' }];
}

/** No labels satisfy both. */
export const disjointSelectors = (a: LabelSelector | undefined, b: LabelSelector | undefined): boolean =>
  a !== undefined && b !== undefined && impossibleKey([...requirementsOf(a), ...requirementsOf(b)]) !== undefined;

/** It matches by class, source region and operation type alone, so that what two such rules have in common can be told. */
const isBroad = ({ match: { podSelector, namespaceSelector, nodeSelector, destinationRegions, regulations, agreements } }: BisoRule) =>
  [podSelector, namespaceSelector, nodeSelector, destinationRegions, regulations, agreements].every((part) => part === undefined);

const overlap = (a: BisoRule, b: BisoRule) =>
  !disjoint(a.match.classifications, b.match.classifications) && !disjointRegions(a.match.sourceRegions, b.match.sourceRegions) && !disjoint(a.match.operationTypes, b.match.operationTypes);

/** Two rules of a policy that both match some data and of which each forbids the regions of the other. */
export function contradictingRules({ rules }: BisoPolicySpec): FieldError[] {
  return rules.flatMap((rule, index) => {
    const other = rules.slice(0, index).find((earlier) => isBroad(earlier) && isBroad(rule) && overlap(earlier, rule) && disjointRegions(earlier.requirement.regions, rule.requirement.regions));
    if (!other) return [];
    const message = `contradicts rule ${other.name}, which matches the same data and demands ${other.requirement.regions!.join(', ')}: nothing could run anywhere`;
    return [{ path: `spec.rules[${index}].requirement.regions`, value: rule.requirement.regions, message, cure: 'let the lists overlap, or let the rules match different data' }];
  });
}

// What is wrong with a BisoPolicy or TrafficRule in what it means: expressions that do not compile, rules that never match or contradict themselves.
import { withDefaults } from '../api/defaults.js';
import type { FieldError } from '../api/fieldError.js';
import type { BisoPolicySpec, BisoRule, TrafficRuleSpec } from '../api/index.js';
import { contradictingRules, disjoint, disjointRegions, impossibleSelector } from './contradictions.js';
import { compileExpression, type CompiledExpression, type ExpressionUse } from './expression.js';
import type { AdmissionFacts } from './types.js';

const VARIABLES: Readonly<Record<ExpressionUse, string>> = {
  requirement: 'pod, data, namespaceObject, request and node.region',
  condition: 'pod, data, namespaceObject and request',
};
const NO_REQUEST: AdmissionFacts = {
  operation: '', time: 0, requestUid: '', user: '', cluster: null, namespace: { name: '', labels: {} },
  object: { kind: '', namespace: '', name: '', uid: '', specHash: '' }, workload: null, data: null, pod: null, guards: [],
};

/** An expression that reads nothing of the request and always gives `useless` is a mistake: it demands nothing, or never matches. */
function constantError(path: string, { text, constant, holds }: CompiledExpression, useless: boolean): FieldError[] {
  if (!constant) return [];
  let value: boolean;
  try {
    value = holds(NO_REQUEST);
  } catch (error) {
    return [{ path, value: text, message: `can never be evaluated: ${(error as Error).message.split('\n')[0]}`, cure: 'let it depend on the request' }];
  }
  return value === useless ? [{ path, value: text, message: `is ${value} for every request`, cure: 'let it depend on the request, or leave it out' }] : [];
}

function expressionErrors(path: string, text: string | undefined, use: ExpressionUse): FieldError[] {
  if (text === undefined) return [];
  const compiled = compileExpression(text, use);
  if (compiled.ok) return constantError(path, compiled.expression, use === 'requirement');
  const at = compiled.position === null ? '' : ` at character ${compiled.position + 1}`;
  return [{ path, value: text, message: `${compiled.message}${at}`, cure: `write a CEL expression of type bool over ${VARIABLES[use]}` }];
}

function neverMatches(path: string, value: readonly string[] | undefined, speaksOf: readonly string[]): FieldError[] {
  return [{ path, value, message: `never matches, for the policy speaks only of ${speaksOf.join(', ')}`, cure: 'take from one list what is in the other, or leave the match out' }];
}

/** A rule that demands regions outside those it matches on refuses everything, which is better said as a Red TrafficRule. */
function contradictoryRegions(path: string, { match, requirement }: BisoRule, policyRegions: readonly string[]): FieldError[] {
  const at = `${path}.requirement.regions`;
  const cure = 'write a TrafficRule with light Red, or let the lists overlap';
  const of: [what: string, regions: readonly string[] | undefined][] = [
    ['match.destinationRegions', match.destinationRegions],
    ['match.sourceRegions', match.sourceRegions],
    ['spec.regions', match.sourceRegions === undefined ? policyRegions : undefined],
  ];
  const [found] = of.filter(([, regions]) => disjointRegions(regions, requirement.regions));
  return found ? [{ path: at, value: requirement.regions, message: `contradicts ${found[0]} (${found[1]!.join(', ')}): whatever matches is refused`, cure }] : [];
}

/** Of a spec that fits its schema; defaults that are not there yet are filled in. */
export function validateBisoPolicy(given: BisoPolicySpec): FieldError[] {
  const spec = withDefaults('BisoPolicy', given);
  const ofRules = spec.rules.flatMap((rule, index) => {
    const path = `spec.rules[${index}]`;
    const { match, requirement } = rule;
    return [
      ...expressionErrors(`${path}.requirement.expression`, requirement.expression, 'requirement'),
      ...impossibleSelector(`${path}.match.podSelector`, match.podSelector),
      ...impossibleSelector(`${path}.match.namespaceSelector`, match.namespaceSelector),
      ...(disjoint(match.classifications, spec.classifications) ? neverMatches(`${path}.match.classifications`, match.classifications, spec.classifications) : []),
      ...(disjointRegions(match.sourceRegions, spec.regions) ? neverMatches(`${path}.match.sourceRegions`, match.sourceRegions, spec.regions) : []),
      ...contradictoryRegions(path, rule, spec.regions),
    ];
  });
  return [...ofRules, ...contradictingRules(spec)];
}

/** Of a spec that fits its schema; defaults that are not there yet are filled in. */
export function validateTrafficRule(given: TrafficRuleSpec): FieldError[] {
  const { source, destination, conditions } = withDefaults('TrafficRule', given);
  const { timeWindow, expression } = conditions;
  return [
    ...expressionErrors('spec.conditions.expression', expression, 'condition'),
    ...(['podSelector', 'namespaceSelector'] as const).flatMap((selector) => [
      ...impossibleSelector(`spec.source.${selector}`, source[selector]),
      ...impossibleSelector(`spec.destination.${selector}`, destination[selector]),
    ]),
    ...(timeWindow && timeWindow.from === timeWindow.to
      ? [{ path: 'spec.conditions.timeWindow', value: timeWindow, message: 'is empty: it ends when it begins', cure: 'give it a length, or leave it out for always' }]
      : []),
    ...(disjoint(source.classifications, destination.classifications)
      ? [{ path: 'spec.destination.classifications', value: destination.classifications, message: 'never matches: data keeps its class on the way, and the source has other classes', cure: 'let the lists overlap, or leave one out' }]
      : []),
  ];
}

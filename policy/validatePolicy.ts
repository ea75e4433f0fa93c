// What is wrong with a BisoPolicy or TrafficRule in what it means: expressions that do not compile, rules that never match or contradict themselves.
import { withDefaults } from '../api/defaults.js';
import type { FieldError } from '../api/fieldError.js';
import type { BisoPolicySpec, BisoRule, TrafficRuleSpec } from '../api/index.js';
import { contradictingRules, disjoint, disjointRegions, impossibleSelector } from './contradictions.js';
import { compileExpression, firstLine, type CompiledExpression } from './expression.js';
import { MAX_POLICY_COST } from './expressionCost.js';
import { VARIABLES, type ExpressionInput, type ExpressionUse } from './expressionVariables.js';

const NO_REQUEST: ExpressionInput = {
  facts: {
    operation: '', time: 0, requestUid: '', user: '', cluster: null, namespace: { name: '', labels: {} },
    object: { kind: '', namespace: '', name: '', uid: '', specHash: '' }, workload: null, data: null, pod: null, guards: [],
  },
  node: null, agreements: [], flow: null,
};

/** An expression that reads nothing of the request and always gives `useless` is a mistake: it demands nothing, or never matches. */
function constantError(path: string, { text, constant, holds }: CompiledExpression, useless: boolean): FieldError[] {
  if (!constant) return [];
  let value: boolean;
  try {
    value = holds(NO_REQUEST);
  } catch (error) {
    return [{ path, value: text, message: `can never be evaluated: ${firstLine(error)}`, cure: 'let it depend on the request' }];
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

/** Each expression is bounded by itself; many of them are bounded together. */
function costErrors({ rules }: BisoPolicySpec): FieldError[] {
  const costs = rules.map(({ requirement: { expression } }) => {
    const compiled = expression === undefined ? undefined : compileExpression(expression);
    return compiled?.ok ? compiled.expression.cost : 0;
  });
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  if (total <= MAX_POLICY_COST) return [];
  const dearest = costs.indexOf(Math.max(...costs));
  return [{ path: 'spec.rules', value: `${rules.length} rules`, message: `may take ${total} steps together on the largest request, more than ${MAX_POLICY_COST}; rules[${dearest}] takes the most`, cure: 'divide the policy, or let its loops run over shorter lists' }];
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
      ...impossibleSelector(`${path}.match.nodeSelector`, match.nodeSelector),
      ...(disjoint(match.classifications, spec.classifications) ? neverMatches(`${path}.match.classifications`, match.classifications, spec.classifications) : []),
      ...(disjointRegions(match.sourceRegions, spec.regions) ? neverMatches(`${path}.match.sourceRegions`, match.sourceRegions, spec.regions) : []),
      ...contradictoryRegions(path, rule, spec.regions),
    ];
  });
  return [...ofRules, ...costErrors(spec), ...contradictingRules(spec)];
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
  ];
}

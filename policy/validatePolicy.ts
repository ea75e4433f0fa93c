// What is wrong with a BisoPolicy or TrafficRule in what it means: expressions that do not compile, rules that never match or contradict themselves.
import type { FieldError } from '../api/fieldError.js';
import type { BisoPolicySpec, BisoRule, TrafficRuleSpec } from '../api/index.js';
import { compileExpression } from './expression.js';
import { anyRegion } from './regions.js';

function expressionErrors(path: string, text: string | undefined): FieldError[] {
  if (text === undefined) return [];
  const compiled = compileExpression(text);
  if (compiled.ok) return [];
  const at = compiled.position === null ? '' : ` at character ${compiled.position + 1}`;
  return [{ path, value: text, message: `${compiled.message}${at}`, cure: 'write a CEL expression of type bool over pod, data, namespaceObject and request' }];
}

const disjoint = (a: readonly string[] | undefined, b: readonly string[] | undefined) => !!a?.length && !!b?.length && !a.some((one) => b.includes(one));

function neverMatches(path: string, field: string, rule: readonly string[] | undefined, policy: readonly string[] | undefined): FieldError[] {
  if (!disjoint(rule, policy) || rule!.includes('Global') || policy!.includes('Global')) return [];
  return [{ path: `${path}.match.${field}`, value: rule, message: `never matches, for the policy speaks only of ${policy!.join(', ')}`, cure: 'take from one list what is in the other, or leave the match out' }];
}

/** A rule that demands regions outside those it matches on refuses everything, which is better said as a Red TrafficRule. */
function contradiction(path: string, { match, requirement }: BisoRule): FieldError[] {
  const towards = match?.destinationRegions;
  if (anyRegion(towards) || anyRegion(requirement.regions) || !disjoint(towards, requirement.regions)) return [];
  return [{ path: `${path}.requirement.regions`, value: requirement.regions, message: `contradicts match.destinationRegions (${towards!.join(', ')}): whatever matches is refused`, cure: 'write a TrafficRule with light Red, or let the lists overlap' }];
}

export function validateBisoPolicy(spec: BisoPolicySpec): FieldError[] {
  return spec.rules.flatMap((rule, index) => {
    const path = `spec.rules[${index}]`;
    return [
      ...expressionErrors(`${path}.requirement.expression`, rule.requirement.expression),
      ...neverMatches(path, 'classifications', rule.match?.classifications, spec.classifications),
      ...neverMatches(path, 'sourceRegions', rule.match?.sourceRegions, spec.regions),
      ...contradiction(path, rule),
    ];
  });
}

export function validateTrafficRule(spec: TrafficRuleSpec): FieldError[] {
  const window = spec.conditions?.timeWindow;
  return [
    ...expressionErrors('spec.conditions.expression', spec.conditions?.expression),
    ...(window && window.from === window.to ? [{ path: 'spec.conditions.timeWindow', value: window, message: 'is empty: it ends when it begins', cure: 'give it a length, or leave it out for always' }] : []),
    ...(disjoint(spec.source.classifications, spec.destination.classifications)
      ? [{ path: 'spec.destination.classifications', value: spec.destination.classifications, message: 'never matches: data keeps its class on the way, and the source has other classes', cure: 'let the lists overlap, or leave one out' }]
      : []),
  ];
}

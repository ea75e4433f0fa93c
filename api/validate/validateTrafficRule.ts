// What a TrafficRule must satisfy beyond its schema: obligations that say enough to be kept (the plan: Traffic Light Pipeline).
import type { FieldError } from '../fieldError.js';
import type { TrafficObligation, TrafficRule } from '../index.js';
import { withDefaults } from '../defaults.js';
import { duplicateErrors } from './duplicates.js';
import { selectorErrors } from './labelSyntax.js';
import { schemaErrors } from './schemaErrors.js';

interface ParameterRule {
  /** One of these must be there; empty: none need be. */
  oneOf: readonly string[];
  pattern: Readonly<Record<string, { syntax: RegExp; cure: string }>>;
}
const positive = { syntax: /^[1-9][0-9]{0,14}$/, cure: 'give a whole number from 1' };
const PARAMETERS: Readonly<Record<TrafficObligation['type'], ParameterRule>> = {
  encrypt: { oneOf: [], pattern: {} },
  'rate-limit': { oneOf: ['requestsPerSecond', 'bytesPerSecond'], pattern: { requestsPerSecond: positive, bytesPerSecond: positive } },
  notify: { oneOf: ['to'], pattern: {} },
  'second-approval': { oneOf: ['approvers'], pattern: {} },
  expire: {
    oneOf: ['after', 'at'],
    pattern: {
      after: { syntax: /^[1-9][0-9]{0,5}(s|m|h|d)$/, cure: 'give a duration, as 24h' },
      at: { syntax: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, cure: 'write it as 2026-01-31T00:00:00Z' },
    },
  },
};

function obligationErrors({ type, parameters }: TrafficObligation, path: string): FieldError[] {
  const { oneOf, pattern } = PARAMETERS[type];
  const missing = oneOf.length > 0 && !oneOf.some((name) => parameters[name]);
  return [
    ...(missing
      ? [{ path: `${path}.parameters`, value: parameters, message: `say too little for ${type}`, cure: `give ${oneOf.join(' or ')}` }]
      : []),
    ...Object.entries(parameters).flatMap(([name, value]) => {
      const wanted = pattern[name];
      return wanted && !wanted.syntax.test(value) ? [{ path: `${path}.parameters.${name}`, value, message: `is no ${name}`, cure: wanted.cure }] : [];
    }),
  ];
}

export function validateTrafficRule(object: TrafficRule): FieldError[] {
  const shape = schemaErrors('TrafficRule', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('TrafficRule', object.spec);
  const errors = [
    ...(['source', 'destination'] as const).flatMap((end) => [
      ...selectorErrors(`spec.${end}.podSelector`, spec[end].podSelector),
      ...selectorErrors(`spec.${end}.namespaceSelector`, spec[end].namespaceSelector),
    ]),
    ...duplicateErrors('spec.obligations', spec.obligations, 'type', 'state each obligation once'),
    ...spec.obligations.flatMap((obligation, index) => obligationErrors(obligation, `spec.obligations[${index}]`)),
  ];
  if ((spec.light === 'Yellow') !== spec.obligations.length > 0)
    errors.push({
      path: 'spec.obligations',
      value: spec.obligations,
      message: `does not go with light ${spec.light}`,
      cure: 'a Yellow rule needs at least one obligation, Green and Red take none',
    });
  const window = spec.conditions.timeWindow;
  if (window && window.from === window.to)
    errors.push({
      path: 'spec.conditions.timeWindow',
      value: window,
      message: 'is no time at all',
      cure: 'name two times of day, or leave it out for always',
    });
  return errors;
}

// What a PolicyException must satisfy beyond its schema; whether it is signed by enough approvers is the ledger's to say.
import type { FieldError } from '../fieldError.js';
import type { PolicyException } from '../index.js';
import { withDefaults } from '../defaults.js';
import { duplicateErrors } from './duplicates.js';
import { selectorErrors } from './labelSyntax.js';
import { schemaErrors } from './schemaErrors.js';

const TARGETS_CURE = 'name what it is an exception from; a break-glass has no targets, for it opens all that it may';
const RULES_CURE = 'name the rules of a BisoPolicy one by one; a TrafficRule has none';

export function validatePolicyException(object: PolicyException): FieldError[] {
  const shape = schemaErrors('PolicyException', object);
  if (shape.length > 0) return shape;
  const { targets, breakGlass, scope, approvals } = withDefaults('PolicyException', object.spec);
  return [
    ...((breakGlass !== undefined) === (targets.length === 0)
      ? []
      : [{ path: 'spec.targets', value: targets, message: breakGlass ? 'does not go with breakGlass' : 'is empty', cure: TARGETS_CURE }]),
    ...selectorErrors('spec.scope.podSelector', scope.podSelector),
    ...duplicateErrors('spec.approvals', approvals, 'publicKey', 'let each approver sign once'),
    ...targets.flatMap(({ kind, rules = [] }, index) =>
      (kind === 'BisoPolicy') === rules.length > 0
        ? []
        : [{ path: `spec.targets[${index}].rules`, value: rules, message: `does not go with kind ${kind}`, cure: RULES_CURE }],
    ),
  ];
}

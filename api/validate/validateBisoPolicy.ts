// What a BisoPolicy must satisfy beyond its schema; what its expressions mean is policy/'s to say (agreement 7.2).
import type { FieldError } from '../fieldError.js';
import type { BisoPolicy, BisoRule } from '../index.js';
import { withDefaults } from '../defaults.js';
import { duplicateErrors } from './duplicates.js';
import { selectorErrors } from './labelSyntax.js';
import { schemaErrors } from './schemaErrors.js';

function ruleErrors({ match, requirement }: BisoRule, path: string): FieldError[] {
  const demands = requirement.regions !== undefined || requirement.expression !== undefined || requirement.agreementInForce === true;
  return [
    ...selectorErrors(`${path}.match.podSelector`, match.podSelector),
    ...selectorErrors(`${path}.match.namespaceSelector`, match.namespaceSelector),
    ...(demands
      ? []
      : [
          { path: `${path}.requirement`, value: requirement, message: 'demands nothing', cure: 'give regions, agreementInForce: true or expression' },
        ]),
  ];
}

export function validateBisoPolicy(object: BisoPolicy): FieldError[] {
  const shape = schemaErrors('BisoPolicy', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('BisoPolicy', object.spec);
  const errors = [
    ...duplicateErrors('spec.rules', spec.rules, 'name', 'give each rule a name of its own'),
    ...spec.rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
  ];
  if (spec.enforcement === 'pre-scheduling' && spec.violationAction !== 'reject_workload' && spec.violationAction !== 'audit')
    errors.push({
      path: 'spec.violationAction',
      value: spec.violationAction,
      message: 'does not go with enforcement pre-scheduling, when nothing runs yet',
      cure: 'use reject_workload or audit, or enforcement runtime or continuous',
    });
  return errors;
}

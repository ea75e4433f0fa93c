// Kubernetes' syntax of label keys and values and of label selectors.
import type { FieldError } from '../fieldError.js';
import type { LabelSelector } from '../index.js';

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

export const isLabelValue = (value: string) => value === '' || NAME.test(value);
export function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0 ? NAME.test(key) : PREFIX.test(key.slice(0, slash)) && NAME.test(key.slice(slash + 1));
}

const keyError = (path: string, key: string): FieldError[] =>
  isLabelKey(key)
    ? []
    : [
        {
          path,
          value: key,
          message: 'is not a label key',
          cure: 'use letters, digits, - _ and ., at most 63, after an optional DNS prefix and a slash',
        },
      ];
const valueError = (path: string, value: string): FieldError[] =>
  isLabelValue(value)
    ? []
    : [
        {
          path,
          value,
          message: 'is not a label value',
          cure: 'use at most 63 letters, digits, - _ and ., starting and ending with a letter or digit',
        },
      ];

export function labelErrors(path: string, labels: Readonly<Record<string, string>> | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [...keyError(`${path}[${key}]`, key), ...valueError(`${path}[${key}]`, value)]);
}

export function selectorErrors(path: string, selector: LabelSelector | undefined): FieldError[] {
  const requirements = (selector?.matchExpressions ?? []).flatMap(({ key, operator, values }, index): FieldError[] => {
    const at = `${path}.matchExpressions[${index}]`;
    const wantsValues = operator === 'In' || operator === 'NotIn';
    const given = values ?? [];
    return [
      ...keyError(`${at}.key`, key),
      ...given.flatMap((value, position) => valueError(`${at}.values[${position}]`, value)),
      ...(wantsValues === given.length > 0
        ? []
        : [
            {
              path: `${at}.values`,
              value: given,
              message: `does not go with operator ${operator}`,
              cure: 'In and NotIn need at least one value, Exists and DoesNotExist take none',
            },
          ]),
    ];
  });
  return [...labelErrors(`${path}.matchLabels`, selector?.matchLabels), ...requirements];
}

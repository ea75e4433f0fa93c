// Node selectors and required node affinity: terms are alternatives, the expressions of one term must all hold (kube-scheduler's NodeAffinity filter).
import type { PodFacts } from '../types.js';
import { compareWhole } from './wholeNumber.js';

type Term = PodFacts['requiredNodeAffinity'][number];
type Expression = NonNullable<Term['matchExpressions']>[number];

/** A node's label by its key; undefined when it has none such. */
export type LabelLookup = (key: string) => string | undefined;

function holds({ key, operator, values = [] }: Expression, label: LabelLookup): boolean {
  const value = label(key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
    case 'Lt':
      return compareWhole(operator, value, values[0]);
    default:
      return false;
  }
}

/** An empty term matches nothing, as in Kubernetes. */
export function affinityHolds(terms: readonly Term[], label: LabelLookup): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchExpressions = [] }) => matchExpressions.length > 0 && matchExpressions.every((expression) => holds(expression, label)));
}

export function selectorHolds(selector: Readonly<Record<string, string>>, label: LabelLookup): boolean {
  return Object.entries(selector).every(([key, value]) => label(key) === value);
}

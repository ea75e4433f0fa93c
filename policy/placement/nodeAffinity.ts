// Node selectors and required node affinity: terms are alternatives, the expressions of one term must all hold (kube-scheduler's NodeAffinity filter).
import type { PodFacts } from '../types.js';

type Term = PodFacts['requiredNodeAffinity'][number];
type Expression = NonNullable<Term['matchExpressions']>[number];

const WHOLE = /^-?\d{1,15}$/;

function compares(value: string | undefined, than: string | undefined, greater: boolean): boolean {
  if (value === undefined || than === undefined || !WHOLE.test(value) || !WHOLE.test(than)) return false;
  return greater ? Number(value) > Number(than) : Number(value) < Number(than);
}

function holds({ key, operator, values = [] }: Expression, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
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
      return compares(value, values[0], true);
    case 'Lt':
      return compares(value, values[0], false);
    default:
      return false;
  }
}

/** An empty term matches nothing, as in Kubernetes. */
export function affinityHolds(terms: readonly Term[], labels: Readonly<Record<string, string>>): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchExpressions = [] }) => matchExpressions.length > 0 && matchExpressions.every((expression) => holds(expression, labels)));
}

export function selectorHolds(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

// Node selectors and node affinity: terms are alternatives, the expressions of one term must all hold (kube-scheduler's NodeAffinity plugin).
import type { LedgerNode, PodFacts } from '../types.js';
import { nodeLabel } from './nodeLabel.js';
import type { WeightedNodeTerm } from './podConstraints.js';
import { compareWhole } from './wholeNumber.js';

type Term = PodFacts['requiredNodeAffinity'][number];
type Expression = NonNullable<Term['matchExpressions']>[number];

function holds({ key, operator, values = [] }: Expression, node: LedgerNode): boolean {
  const value = nodeLabel(node, key);
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
export function affinityHolds(terms: readonly Term[], node: LedgerNode): boolean {
  if (terms.length === 0) return true;
  return terms.some(({ matchExpressions = [] }) => matchExpressions.length > 0 && matchExpressions.every((expression) => holds(expression, node)));
}

export function selectorHolds(selector: Readonly<Record<string, string>>, node: LedgerNode): boolean {
  for (const key in selector) if (nodeLabel(node, key) !== selector[key]) return false;
  return true;
}

/** Per mille of the preferences' weight that the node meets; an empty term is met by every node. */
export function preferenceMet(terms: readonly WeightedNodeTerm[], node: LedgerNode): number {
  let met = 0;
  let all = 0;
  for (const { weight, matchExpressions } of terms) {
    all += weight;
    if (matchExpressions.every((expression) => holds(expression, node))) met += weight;
  }
  return all === 0 ? 0 : Math.floor((met * 1_000) / all);
}

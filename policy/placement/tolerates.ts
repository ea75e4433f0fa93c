// Taints and tolerations, as kube-scheduler's TaintToleration filter: every NoSchedule and NoExecute taint needs a matching toleration.
import type { LedgerNode, PodFacts } from '../types.js';
import { compareWhole } from './wholeNumber.js';

type Taint = LedgerNode['taints'][number];
type Toleration = PodFacts['tolerations'][number];

/** corev1.Toleration.ToleratesTaint: an empty effect or key is any; no operator means Equal; Lt and Gt compare the taint's value to the toleration's. */
function matches({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator) {
    case undefined:
    case '':
    case 'Equal':
      return (value ?? '') === (taint.value ?? '');
    case 'Exists':
      return true;
    case 'Lt':
    case 'Gt':
      return compareWhole(operator, taint.value, value);
    default:
      return false;
  }
}

const tolerated = (tolerations: readonly Toleration[], taint: Taint) => tolerations.some((toleration) => matches(toleration, taint));

/** The first taint that keeps the pod away; undefined when it tolerates all. */
export function untolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): Taint | undefined {
  return taints.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerated(tolerations, taint));
}

/** Soft taints that the pod does not tolerate: they cost it score, not the node. */
export const softTaints = (tolerations: readonly Toleration[], taints: readonly Taint[]): number =>
  taints.filter((taint) => taint.effect === 'PreferNoSchedule' && !tolerated(tolerations, taint)).length;

// Taints and tolerations, as kube-scheduler's TaintToleration filter: every NoSchedule and NoExecute taint needs a matching toleration.
import type { LedgerNode, PodFacts } from '../types.js';

type Taint = LedgerNode['taints'][number];
type Toleration = PodFacts['tolerations'][number];

function matches({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === 'Exists';
  if (key !== taint.key) return false;
  return operator === 'Exists' || (value ?? '') === (taint.value ?? '');
}

/** The first taint that keeps the pod away; undefined when it tolerates all. */
export function untolerated(tolerations: readonly Toleration[], taints: readonly Taint[]): Taint | undefined {
  return taints.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => matches(toleration, taint)));
}

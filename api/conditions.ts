// Conditions of a status, by Kubernetes' convention: one of each type, whose transition time moves only when its status does.
import type { Condition } from './index.js';

export type ConditionInput = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Returns the conditions with `wanted` among them; `now` is RFC 3339. The same array comes back when nothing changes. */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  wanted: ConditionInput,
  generation: number | undefined,
  now: string,
): Condition[] {
  const present = conditions ?? [];
  const old = present.find(({ type }) => type === wanted.type);
  const next: Condition = {
    type: wanted.type,
    status: wanted.status,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime: old?.status === wanted.status ? old.lastTransitionTime : now,
    reason: wanted.reason,
    message: wanted.message,
  };
  if (!old) return [...present, next];
  const same =
    old.reason === next.reason && old.message === next.message && old.status === next.status && old.observedGeneration === next.observedGeneration;
  return same ? (present as Condition[]) : present.map((condition) => (condition === old ? next : condition));
}

export function findCondition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

// The lifecycle of a workload and which of its transitions are legal (agreement 1.3).
import type { AdmissionFacts } from '../../../policy/types.js';
import { stateKeys, type WorkloadRecord, type WorkloadState } from '../../types.js';
import type { Overlay } from '../state.js';

const NEXT: Readonly<Record<WorkloadState, readonly WorkloadState[]>> = {
  Pending: ['Scheduled', 'Failed', 'Slashed'],
  Scheduled: ['Running', 'Failed', 'Slashed'],
  Running: ['Completed', 'Failed', 'Slashed'],
  Completed: [],
  Failed: [],
  Slashed: [],
};

export function isLegal(from: WorkloadState, to: WorkloadState): boolean {
  return NEXT[from].includes(to);
}

/** Where it can go from a state, for messages. */
export function nextStates(from: WorkloadState): string {
  return NEXT[from].join(', ') || 'nothing';
}

export function isEnded(state: WorkloadState): boolean {
  return NEXT[state].length === 0;
}

/** Moves the workload that owns a placed pod along with it: in steps, as far as the pod shows. */
export function advanceOwner(
  state: Overlay,
  height: number,
  owner: { namespace: string; name: string; uid: string } | null,
  reached: 'Scheduled' | 'Running',
): void {
  if (owner === null) return;
  const key = stateKeys.workload(owner.namespace, owner.name);
  const record = state.read<WorkloadRecord>(key);
  if (record?.uid !== owner.uid) return;
  const behind = record.state === 'Pending' || (record.state === 'Scheduled' && reached === 'Running');
  if (behind) state.write(key, { ...record, state: reached, reason: `a pod of it is ${reached.toLowerCase()}`, height } satisfies WorkloadRecord);
}

export function ownerOf({ workload, object: { namespace } }: AdmissionFacts): { namespace: string; name: string; uid: string } | null {
  return workload && { namespace, name: workload.name, uid: workload.uid };
}

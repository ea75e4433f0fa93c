// Room kept for a pod whose victims are on their way out: pods of no higher priority do not see it.
import { shifted } from '../../../policy/placement/preempt.js';
import type { PlacedPod } from '../../../policy/placement/podConstraints.js';
import type { AdmissionFacts } from '../../../policy/types.js';
import { stateKeys, type NodeRecord } from '../../types.js';
import type { Overlay } from '../state.js';

const NOMINATED = 'nominated/';
type Nominated = Omit<PlacedPod, 'labels'>;

export function nominate(state: Overlay, { object, pod }: AdmissionFacts, node: string): void {
  const { priority, cpuMillis, memoryBytes, storageBytes, constraints: { extended } = {} } = pod!;
  const { uid, namespace, name } = object;
  const record: Nominated = { uid, namespace, name, node, priority, cpuMillis, memoryBytes, storageBytes, ...(extended ? { extended } : {}) };
  state.write(stateKeys.nominated(uid), record);
}

export function forgetNomination(state: Overlay, podUid: string): void {
  if (state.read(stateKeys.nominated(podUid)) !== undefined) state.remove(stateKeys.nominated(podUid));
}

/** The nodes as this pod may count on them. */
export function withoutNominated(state: Overlay, nodes: readonly NodeRecord[], { object, pod }: AdmissionFacts): readonly NodeRecord[] {
  const others = state.records<Nominated>(NOMINATED).filter(({ uid, priority }) => uid !== object.uid && priority >= pod!.priority);
  if (others.length === 0) return nodes;
  return nodes.map((node) => {
    const here = others.filter((other) => other.node === node.name);
    return here.length === 0 ? node : { ...node, allocated: here.reduce((taken, other) => shifted(taken, other, 1), node.allocated) };
  });
}

// The pods that hold resources now, as other pods' placement asks for them; kept beside the decisions, for those stay when a pod has ended.
import type { PlacedPod } from '../../../policy/placement/podConstraints.js';
import type { AdmissionFacts } from '../../../policy/types.js';
import { stateKeys } from '../../types.js';
import type { Overlay } from '../state.js';

const PLACED = 'placed/';
const REPELLING = 'repelling/';

export function recordPlaced(state: Overlay, { object, pod }: AdmissionFacts, node: string): void {
  const { labels, priority, cpuMillis, memoryBytes, storageBytes, constraints: { extended, awayFromPods } = {} } = pod!;
  const placed: PlacedPod = {
    uid: object.uid,
    namespace: object.namespace,
    name: object.name,
    node,
    labels,
    priority,
    cpuMillis,
    memoryBytes,
    storageBytes,
    ...(extended ? { extended } : {}),
    ...(awayFromPods ? { awayFromPods } : {}),
  };
  state.write(stateKeys.placed(object.uid), placed);
  if (awayFromPods) state.write(stateKeys.repelling(object.uid), placed);
}

export function forgetPlaced(state: Overlay, podUid: string): void {
  for (const key of [stateKeys.placed(podUid), stateKeys.repelling(podUid)]) if (state.read(key) !== undefined) state.remove(key);
}

export const placedPods = (state: Overlay): readonly PlacedPod[] => state.records<PlacedPod>(PLACED);

/** Those with anti-affinity, which binds pods that know nothing of it. */
export const repellingPods = (state: Overlay): readonly PlacedPod[] => state.records<PlacedPod>(REPELLING);

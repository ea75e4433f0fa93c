// What placed pods take of their nodes; never more than was committed.
import { stateKeys, type NodeRecord, type SchedulingDecision } from '../../types.js';
import { LedgerError } from '../ledgerError.js';
import type { Overlay } from '../state.js';

type Allocation = SchedulingDecision['resourceAllocation'];
const RESOURCES = ['cpuMillis', 'memoryBytes', 'storageBytes'] as const;

/** Throws LedgerError when the node does not have it: a placement that over-commits is a fault of the placement, not a decision. */
export function allocate(state: Overlay, nodeName: string, allocation: Allocation): void {
  const key = stateKeys.node(nodeName);
  const node = state.read<NodeRecord>(key);
  const allocated = node && changed(node, allocation, 1);
  if (!node || !allocated || [...RESOURCES, 'pods' as const].some((resource) => allocated[resource] > node.capacity[resource]))
    throw new LedgerError('InternalError', `placing a pod on node ${nodeName} would over-commit it`);
  state.write(key, { ...node, allocated } satisfies NodeRecord);
}

export function release(state: Overlay, nodeName: string, allocation: Allocation): void {
  const key = stateKeys.node(nodeName);
  const node = state.read<NodeRecord>(key)!;
  state.write(key, { ...node, allocated: changed(node, allocation, -1) } satisfies NodeRecord);
}

function changed({ allocated }: NodeRecord, { cpuMillis, memoryBytes, storageBytes }: Allocation, sign: 1 | -1): NodeRecord['allocated'] {
  return {
    cpuMillis: allocated.cpuMillis + sign * cpuMillis,
    memoryBytes: allocated.memoryBytes + sign * memoryBytes,
    storageBytes: allocated.storageBytes + sign * storageBytes,
    pods: allocated.pods + sign,
  };
}

// What placed pods take of their nodes; never more than was committed.
import { shifted } from '../../../policy/placement/preempt.js';
import { stateKeys, type NodeRecord, type SchedulingDecision } from '../../types.js';
import { LedgerError } from '../ledgerError.js';
import type { Overlay } from '../state.js';

type Allocation = SchedulingDecision['resourceAllocation'];
const RESOURCES = ['cpuMillis', 'memoryBytes', 'storageBytes', 'pods'] as const;

/** The resource of which more would be allocated than is committed. */
function overcommitted(capacity: NodeRecord['capacity'], allocated: NodeRecord['allocated']): string | undefined {
  const ordinary = RESOURCES.find((resource) => allocated[resource] > capacity[resource]);
  return ordinary ?? Object.keys(allocated.extended ?? {}).find((name) => allocated.extended![name]! > (capacity.extended?.[name] ?? 0));
}

/** Throws LedgerError when the node does not have it: a placement that over-commits is a fault of the placement, not a decision. */
export function allocate(state: Overlay, nodeName: string, allocation: Allocation): void {
  const key = stateKeys.node(nodeName);
  const node = state.read<NodeRecord>(key);
  const allocated = node && shifted(node.allocated, allocation, 1);
  if (!node || !allocated || overcommitted(node.capacity, allocated) !== undefined)
    throw new LedgerError('InternalError', `placing a pod on node ${nodeName} would over-commit it`);
  state.write(key, { ...node, allocated } satisfies NodeRecord);
}

export function release(state: Overlay, nodeName: string, allocation: Allocation): void {
  const key = stateKeys.node(nodeName);
  const node = state.read<NodeRecord>(key)!;
  state.write(key, { ...node, allocated: shifted(node.allocated, allocation, -1) } satisfies NodeRecord);
}

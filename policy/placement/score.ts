// Scores feasible nodes in whole numbers from 0 to 1000, so that every validator ranks them alike.
import type { LedgerNode, PodFacts } from '../types.js';

const FULL = 1_000;

/** Per mille of the resource that stays free once the pod is there. */
function free(capacity: number, allocated: number, asked: number): number {
  return capacity === 0 ? 0 : Number((BigInt(capacity - allocated - asked) * BigInt(FULL)) / BigInt(capacity));
}

/** Half for free room (least allocated), half for using cpu and memory evenly (balanced allocation), as kube-scheduler's defaults weigh them. */
export function score(node: LedgerNode, pod: PodFacts): number {
  const cpu = free(node.capacity.cpuMillis, node.allocated.cpuMillis, pod.cpuMillis);
  const memory = free(node.capacity.memoryBytes, node.allocated.memoryBytes, pod.memoryBytes);
  const leastAllocated = Math.floor((cpu + memory) / 2);
  const balanced = FULL - Math.abs(cpu - memory);
  return Math.floor((leastAllocated + balanced) / 2);
}

/** FNV-1a, 32 bits, of pod and node: spreads equal scores over nodes, the same way everywhere; not a secret and not meant to be one. */
export function tieBreak(podUid: string, node: string): number {
  let hash = 0x811c9dc5;
  for (const character of `${podUid}/${node}`) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0;
  return hash;
}

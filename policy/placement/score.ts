// Scores feasible nodes in whole numbers from 0 to 1000, so that every validator ranks them alike.
import type { LedgerNode, PodFacts } from '../types.js';
import { softTaints } from './tolerates.js';

const FULL = 1_000;
const SOFT_TAINT = 100;
/** FULL times this is still a safe integer. */
const LARGEST = 2 ** 43;

/** Per mille of the resource that stays free once the pod is there. */
function free(capacity: number, allocated: number, asked: number): number {
  if (capacity <= 0) return 0;
  let left = Math.max(0, capacity - allocated - asked);
  let whole = capacity;
  for (; whole > LARGEST; whole = Math.floor(whole / 1_024)) left = Math.floor(left / 1_024);
  return Math.floor((left * FULL) / whole);
}

/**
 * A third each for free room (least allocated), for using cpu and memory evenly (balanced allocation), and for staying in the
 * data's own region; less for each soft taint that is not tolerated.
 */
export function score(node: LedgerNode, pod: PodFacts, sourceRegion: string | undefined): number {
  const cpu = free(node.capacity.cpuMillis, node.allocated.cpuMillis, pod.cpuMillis);
  const memory = free(node.capacity.memoryBytes, node.allocated.memoryBytes, pod.memoryBytes);
  const leastAllocated = Math.floor((cpu + memory) / 2);
  const balanced = FULL - Math.abs(cpu - memory);
  const home = node.region === sourceRegion ? FULL : 0;
  return Math.max(0, Math.floor((leastAllocated + balanced + home) / 3) - SOFT_TAINT * softTaints(pod.tolerations, node.taints));
}

/** FNV-1a, 32 bits, of pod and node: spreads equal scores over nodes, the same way everywhere; not a secret and not meant to be one. */
export function tieBreak(podUid: string, node: string): number {
  const text = `${podUid}/${node}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

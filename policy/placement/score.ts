// Scores feasible nodes in whole numbers from 0 to 1000, so that every validator ranks them alike.
import type { LedgerNode, PodFacts } from '../types.js';
import { preferenceMet } from './nodeAffinity.js';
import { softTaints } from './tolerates.js';
import { crowding, podsDrawn, type Neighbourhood } from './topology.js';

const FULL = 1_000;
const SOFT_TAINT = 100;
/** Stated preferences weigh twice what every pod is ranked by. */
const STATED = 2;
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

/** The three that every node has: free room (least allocated), cpu and memory used evenly (balanced allocation), and the data's own region. */
function ordinary(node: LedgerNode, pod: PodFacts, sourceRegion: string | undefined): number {
  const cpu = free(node.capacity.cpuMillis, node.allocated.cpuMillis, pod.cpuMillis);
  const memory = free(node.capacity.memoryBytes, node.allocated.memoryBytes, pod.memoryBytes);
  return Math.floor((cpu + memory) / 2) + (FULL - Math.abs(cpu - memory)) + (node.region === sourceRegion ? FULL : 0);
}

/** Values over all nodes as per mille between the least and the most of them; a thousand each where they are equal. */
function normalised(values: readonly number[]): number[] {
  const least = values.reduce((a, b) => Math.min(a, b), Number.MAX_SAFE_INTEGER);
  const most = values.reduce((a, b) => Math.max(a, b), Number.MIN_SAFE_INTEGER);
  return values.map((value) => (most === least ? FULL : Math.floor(((value - least) * FULL) / (most - least))));
}

/**
 * The parts' mean: a third each for the ordinary ones where the pod states no preference; less for each soft taint that is not
 * tolerated. Preferred pods and spread are measured against the other feasible nodes.
 */
export function scores(nodes: readonly LedgerNode[], pod: PodFacts, sourceRegion: string | undefined, neighbours: Neighbourhood | undefined): number[] {
  const { preferredNodes = [] } = pod.constraints ?? {};
  const stated: number[][] = [];
  if (preferredNodes.length > 0) stated.push(nodes.map((node) => preferenceMet(preferredNodes, node)));
  if (neighbours && neighbours.preferred.length > 0) stated.push(normalised(nodes.map((node) => podsDrawn(neighbours, node))));
  if (neighbours && neighbours.spread.length > 0) stated.push(normalised(nodes.map((node) => -crowding(neighbours, node))));
  const parts = 3 + STATED * stated.length;
  return nodes.map((node, index) => {
    let sum = ordinary(node, pod, sourceRegion);
    for (const part of stated) sum += STATED * part[index]!;
    const soft = node.taints.length === 0 ? 0 : softTaints(pod.tolerations, node.taints);
    return Math.max(0, Math.floor(sum / parts) - SOFT_TAINT * soft);
  });
}

const OFFSET = 0x811c9dc5;
function fnv(hash: number, text: string): number {
  let value = hash;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

/** FNV-1a, 32 bits, of pod and node: spreads equal scores over nodes, the same way everywhere; not a secret and not meant to be one. */
export function tieBreaker(podUid: string): (node: string) => number {
  const begun = fnv(OFFSET, `${podUid}/`);
  return (node) => fnv(begun, node) >>> 0;
}

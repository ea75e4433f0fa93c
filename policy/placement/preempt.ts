// Finds the pods of lower priority that would have to go for a pod that no node has room for (kube-scheduler's DefaultPreemption, without disruption budgets).
import { byText } from '../compiledPolicySet.js';
import type { AdmissionFacts, LedgerNode, PodFacts, PolicySet } from '../types.js';
import { attestationDemand } from './attested.js';
import { capacityFault, fixedFault } from './filters.js';
import type { PlacedPod } from './podConstraints.js';
import { refusals } from './refusals.js';
import { tieBreaker } from './score.js';
import { neighbourFault, neighbourhood } from './topology.js';

export interface Preemption {
  node: string;
  /** Uids, in the order in which they were weighed: least important last to be spared. */
  victims: string[];
}

type Held = Pick<LedgerNode, 'capacity' | 'allocated'>;
type Taken = LedgerNode['allocated'];

/** `sign` -1 takes the pod away from what is allocated, 1 adds it. */
export function shifted(allocated: Taken, pod: Pick<PlacedPod, 'cpuMillis' | 'memoryBytes' | 'storageBytes' | 'extended'>, sign: 1 | -1): Taken {
  const names = [...new Set([...Object.keys(allocated.extended ?? {}), ...Object.keys(pod.extended ?? {})])];
  const extended = names.map((name): [string, number] => [name, (allocated.extended?.[name] ?? 0) + sign * (pod.extended?.[name] ?? 0)]).filter(([, amount]) => amount !== 0);
  return {
    cpuMillis: allocated.cpuMillis + sign * pod.cpuMillis,
    memoryBytes: allocated.memoryBytes + sign * pod.memoryBytes,
    storageBytes: allocated.storageBytes + sign * pod.storageBytes,
    pods: allocated.pods + sign,
    ...(extended.length > 0 ? { extended: Object.fromEntries(extended) } : {}),
  };
}

/** Those that must go: all of lower priority are taken away, then spared from the most important on while the pod still fits. */
function victimsOn(node: LedgerNode, pod: PodFacts, lower: readonly PlacedPod[]): PlacedPod[] | undefined {
  let held: Held = { capacity: node.capacity, allocated: lower.reduce((taken, other) => shifted(taken, other, -1), node.allocated) };
  if (capacityFault(held, pod)) return undefined;
  const victims: PlacedPod[] = [];
  for (const other of lower.toSorted((a, b) => b.priority - a.priority || byText(a.uid, b.uid))) {
    const spared: Held = { capacity: node.capacity, allocated: shifted(held.allocated, other, 1) };
    if (capacityFault(spared, pod)) victims.push(other);
    else held = spared;
  }
  return victims;
}

interface Candidate {
  node: string;
  victims: PlacedPod[];
  tie: number;
}
const highest = ({ victims }: Candidate) => victims.reduce((most, { priority }) => Math.max(most, priority), Number.MIN_SAFE_INTEGER);
const total = ({ victims }: Candidate) => victims.reduce((sum, { priority }) => sum + priority, 0);

/** The least important victims first, then the fewest. */
const better = (a: Candidate, b: Candidate): number =>
  highest(a) - highest(b) || total(a) - total(b) || a.victims.length - b.victims.length || a.tie - b.tie || byText(a.node, b.node);

/** Undefined when no node would be freed by taking pods of lower priority away. Nodes that the pod's neighbours forbid are not considered. */
export function preemption(nodes: readonly LedgerNode[], set: PolicySet, facts: AdmissionFacts, placed: readonly PlacedPod[]): Preemption | undefined {
  const pod = facts.pod!;
  if (pod.constraints?.neverPreempts) return undefined;
  const lower = new Map<string, PlacedPod[]>();
  for (const other of placed) {
    if (other.priority >= pod.priority) continue;
    const below = lower.get(other.node);
    if (below) below.push(other);
    else lower.set(other.node, [other]);
  }
  if (lower.size === 0) return undefined;
  const question = { pod, refusedOn: refusals(set, facts), attestation: attestationDemand(set, facts) };
  const repelling = placed.filter(({ awayFromPods }) => awayFromPods !== undefined);
  const neighbours = neighbourhood(facts, nodes, { placed: () => placed, repelling });
  const tie = tieBreaker(facts.object.uid);
  const candidates: Candidate[] = [];
  for (const node of nodes) {
    const below = lower.get(node.name);
    if (!below || fixedFault(node, question) || (neighbours && neighbourFault(neighbours, node) !== undefined)) continue;
    const victims = victimsOn(node, pod, below);
    if (victims && victims.length > 0) candidates.push({ node: node.name, victims, tie: tie(node.name) });
  }
  const best = candidates.toSorted(better)[0];
  return best && { node: best.node, victims: best.victims.map(({ uid }) => uid) };
}

// The reasons for which a node cannot take a pod, cheapest first; the first that applies is the one explained.
import type { LedgerNode, PodFacts } from '../types.js';
import { unattested, type AttestationDemand } from './attested.js';
import { affinityHolds, selectorHolds } from './nodeAffinity.js';
import type { PolicyRefusal } from './refusals.js';
import { untolerated } from './tolerates.js';
import { neighbourFault, type Neighbourhood } from './topology.js';

export interface Excluded {
  filter: 'ready' | 'policy' | 'attestation' | 'selector' | 'affinity' | 'taints' | 'capacity' | 'neighbours';
  reason: string;
  /** What all nodes excluded for the same cause have in common, for "3 EU nodes lack memory". */
  group: { one: string; many: string };
}

const same = (text: string) => ({ one: text, many: text });

const NOT_READY: Excluded = { filter: 'ready', reason: 'it is not ready', group: same('not ready') };
const OUTSIDE_SELECTOR: Excluded = { filter: 'selector', reason: 'the pod\'s nodeSelector does not match', group: same('outside the nodeSelector') };
const OUTSIDE_AFFINITY: Excluded = { filter: 'affinity', reason: 'the pod\'s required node affinity does not match', group: same('outside the required affinity') };

const byRefusal = new WeakMap<PolicyRefusal, Excluded>();
/** One for all nodes of the region: a refusal is the same object for as long as it is remembered. */
function refusedBy(refusal: PolicyRefusal): Excluded {
  let excluded = byRefusal.get(refusal);
  if (!excluded) byRefusal.set(refusal, (excluded = { filter: 'policy', reason: refusal.reason, group: same(`refused by ${refusal.by}`) }));
  return excluded;
}

function lacking(lacks: string, figures: string): Excluded {
  return { filter: 'capacity', reason: `it lacks ${lacks} (${figures})`, group: { one: `lacks ${lacks}`, many: `lack ${lacks}` } };
}

export function capacityFault({ capacity, allocated }: Pick<LedgerNode, 'capacity' | 'allocated'>, pod: PodFacts): Excluded | undefined {
  const cpu = capacity.cpuMillis - allocated.cpuMillis;
  const memory = capacity.memoryBytes - allocated.memoryBytes;
  const storage = capacity.storageBytes - allocated.storageBytes;
  if (allocated.pods + 1 > capacity.pods) return lacking('room for a pod', `${allocated.pods} of ${capacity.pods} taken`);
  if (pod.cpuMillis > cpu) return lacking('cpu', `${cpu}m free, ${pod.cpuMillis}m asked`);
  if (pod.memoryBytes > memory) return lacking('memory', `${memory} bytes free, ${pod.memoryBytes} asked`);
  if (pod.storageBytes > storage) return lacking('storage', `${storage} bytes free, ${pod.storageBytes} asked`);
  const extended = pod.constraints?.extended;
  for (const name in extended) {
    const free = (capacity.extended?.[name] ?? 0) - (allocated.extended?.[name] ?? 0);
    if (extended[name]! > free) return lacking(name, `${free} free, ${extended[name]} asked`);
  }
  return undefined;
}

export interface Question {
  pod: PodFacts;
  /** The policies' answer for the node; undefined when it is allowed there. */
  refusedOn: (node: LedgerNode) => PolicyRefusal | undefined;
  /** undefined where the pod's class demands none. */
  attestation: AttestationDemand | undefined;
  neighbours: Neighbourhood | undefined;
}

/** What nothing but another node or another pod can cure: all but capacity. */
export function fixedFault(node: LedgerNode, { pod, refusedOn, attestation }: Omit<Question, 'neighbours'>): Excluded | undefined {
  if (node.lost !== undefined) return { filter: 'ready', reason: `it is lost: ${node.lost}`, group: same('lost') };
  if (!node.ready) return NOT_READY;
  const refusal = refusedOn(node);
  if (refusal) return refusedBy(refusal);
  const unproved = attestation && unattested(node, attestation);
  if (unproved !== undefined) return { filter: 'attestation', reason: `it is a node ${unproved}`, group: same(unproved) };
  if (!selectorHolds(pod.nodeSelector, node)) return OUTSIDE_SELECTOR;
  if (!affinityHolds(pod.requiredNodeAffinity, node)) return OUTSIDE_AFFINITY;
  const taint = untolerated(pod.tolerations, node.taints);
  if (!taint) return undefined;
  const shown = `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
  return { filter: 'taints', reason: `the pod does not tolerate ${shown}`, group: same(`with the taint ${shown}`) };
}

export function exclude(node: LedgerNode, question: Question): Excluded | undefined {
  const { pod, neighbours } = question;
  const fault = fixedFault(node, question) ?? capacityFault(node, pod);
  if (fault || !neighbours) return fault;
  const beside = neighbourFault(neighbours, node);
  return beside === undefined ? undefined : { filter: 'neighbours', reason: `it is ${beside}`, group: same(beside) };
}

// The reasons for which a node cannot take a pod, cheapest first; the first that applies is the one explained.
import { LABELS } from '../../api/labels.js';
import type { LedgerNode, PodFacts } from '../types.js';
import { affinityHolds, selectorHolds, type LabelLookup } from './nodeAffinity.js';
import { untolerated } from './tolerates.js';

export interface Excluded {
  filter: 'ready' | 'policy' | 'selector' | 'affinity' | 'taints' | 'capacity';
  reason: string;
  /** What all nodes excluded for the same cause have in common, for "3 EU nodes lack memory". */
  group: { one: string; many: string };
}
/** What refuses a node: the rule's name, and why. */
export interface PolicyRefusal {
  by: string;
  reason: string;
}

/** Key of a node's name in affinity expressions that come of matchFields; no label can have it, for a colon is not allowed there. */
const NODE_NAME_FIELD = 'field:metadata.name';

/** Region and zone are what the commitment attests; the node's own labels cannot override them. undefined when there is no such label. */
function attestedLabel(node: LedgerNode): LabelLookup {
  return (key) => {
    if (key === LABELS.region) return node.region;
    if (key === LABELS.zone) return node.zone;
    if (key === NODE_NAME_FIELD) return node.name;
    return Object.hasOwn(node.labels, key) ? node.labels[key] : undefined;
  };
}

const same = (text: string) => ({ one: text, many: text });

function capacityFault({ capacity, allocated }: LedgerNode, pod: PodFacts): { lacks: string; figures: string } | undefined {
  const cpu = capacity.cpuMillis - allocated.cpuMillis;
  const memory = capacity.memoryBytes - allocated.memoryBytes;
  const storage = capacity.storageBytes - allocated.storageBytes;
  if (allocated.pods + 1 > capacity.pods) return { lacks: 'room for a pod', figures: `${allocated.pods} of ${capacity.pods} taken` };
  if (pod.cpuMillis > cpu) return { lacks: 'cpu', figures: `${cpu}m free, ${pod.cpuMillis}m asked` };
  if (pod.memoryBytes > memory) return { lacks: 'memory', figures: `${memory} bytes free, ${pod.memoryBytes} asked` };
  if (pod.storageBytes > storage) return { lacks: 'storage', figures: `${storage} bytes free, ${pod.storageBytes} asked` };
  return undefined;
}

/** `refusedOn(node)` is the policies' answer for the node; undefined when it is allowed there. */
export function exclude(node: LedgerNode, pod: PodFacts, refusedOn: (node: LedgerNode) => PolicyRefusal | undefined): Excluded | undefined {
  if (!node.ready) return { filter: 'ready', reason: 'it is not ready', group: same('not ready') };
  const refusal = refusedOn(node);
  if (refusal) return { filter: 'policy', reason: refusal.reason, group: same(`refused by ${refusal.by}`) };
  const label = attestedLabel(node);
  if (!selectorHolds(pod.nodeSelector, label)) return { filter: 'selector', reason: 'the pod\'s nodeSelector does not match', group: same('outside the nodeSelector') };
  if (!affinityHolds(pod.requiredNodeAffinity, label)) return { filter: 'affinity', reason: 'the pod\'s required node affinity does not match', group: same('outside the required affinity') };
  const taint = untolerated(pod.tolerations, node.taints);
  if (taint) {
    const shown = `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
    return { filter: 'taints', reason: `the pod does not tolerate ${shown}`, group: same(`with the taint ${shown}`) };
  }
  const fault = capacityFault(node, pod);
  return fault && { filter: 'capacity', reason: `it lacks ${fault.lacks} (${fault.figures})`, group: { one: `lacks ${fault.lacks}`, many: `lack ${fault.lacks}` } };
}

// The reasons for which a node cannot take a pod, cheapest first; the first that applies is the one explained.
import { LABELS } from '../../api/labels.js';
import type { LedgerNode, PodFacts } from '../types.js';
import { affinityHolds, selectorHolds } from './nodeAffinity.js';
import { untolerated } from './tolerates.js';

export interface Excluded {
  filter: string;
  reason: string;
}

/** Region and zone are what the commitment attests; the node's own labels cannot override them. */
export function attestedLabels({ labels, region, zone }: LedgerNode): Record<string, string> {
  return { ...labels, [LABELS.region]: region, [LABELS.zone]: zone };
}

function lacking({ capacity, allocated }: LedgerNode, pod: PodFacts): string | undefined {
  if (allocated.pods + 1 > capacity.pods) return `pods (${allocated.pods} of ${capacity.pods} taken)`;
  if (allocated.cpuMillis + pod.cpuMillis > capacity.cpuMillis) return `cpu (${capacity.cpuMillis - allocated.cpuMillis}m free, ${pod.cpuMillis}m asked)`;
  if (allocated.memoryBytes + pod.memoryBytes > capacity.memoryBytes) return `memory (${capacity.memoryBytes - allocated.memoryBytes} bytes free, ${pod.memoryBytes} asked)`;
  if (allocated.storageBytes + pod.storageBytes > capacity.storageBytes) return `storage (${capacity.storageBytes - allocated.storageBytes} bytes free, ${pod.storageBytes} asked)`;
  return undefined;
}

/** `refusedBy(region)` is the policy verdict for a node of that region: '' when it is allowed there. */
export function exclude(node: LedgerNode, pod: PodFacts, refusedBy: (region: string) => string): Excluded | undefined {
  if (!node.ready) return { filter: 'ready', reason: 'the node is not ready' };
  const refusal = refusedBy(node.region);
  if (refusal) return { filter: 'policy', reason: refusal };
  const labels = attestedLabels(node);
  if (!selectorHolds(pod.nodeSelector, labels)) return { filter: 'selector', reason: 'the pod\'s nodeSelector does not match' };
  if (!affinityHolds(pod.requiredNodeAffinity, labels)) return { filter: 'affinity', reason: 'the pod\'s required node affinity does not match' };
  const taint = untolerated(pod.tolerations, node.taints);
  if (taint) return { filter: 'taints', reason: `the pod does not tolerate ${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}` };
  const lack = lacking(node, pod);
  return lack === undefined ? undefined : { filter: 'capacity', reason: `the node lacks ${lack}` };
}

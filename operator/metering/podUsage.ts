// What a kubelet's /stats/summary says that each pod has used; what it does not say stays unsaid. Pure.
import type { ResourceUsage } from '../../receipts/types.js';

/** Of the Kubelet's Summary API (k8s.io/kubelet/pkg/apis/stats/v1alpha1), as far as it is read. */
export interface StatsSummary {
  pods?: {
    podRef?: { uid?: string; name?: string; namespace?: string };
    cpu?: { usageCoreNanoSeconds?: number };
    memory?: { workingSetBytes?: number };
    network?: { interfaces?: { rxBytes?: number; txBytes?: number }[]; rxBytes?: number; txBytes?: number };
    containers?: { cpu?: { usageCoreNanoSeconds?: number }; memory?: { workingSetBytes?: number } }[];
  }[];
}
type PodStats = NonNullable<StatsSummary['pods']>[number];

const whole = (value: number | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : undefined;

/** The pod's own figure, else the sum of its containers'. What runs uses some of both: a zero is what a kubelet says of a cgroup that it does not read. */
function ofPod(pod: PodStats, figure: (part: Pick<PodStats, 'cpu' | 'memory'>) => number | undefined): number | undefined {
  const own = whole(figure(pod));
  if (own) return own;
  const parts = (pod.containers ?? []).flatMap((container) => whole(figure(container)) ?? []);
  return parts.reduce((a, b) => a + b, 0) || undefined;
}

function networkBytes({ network }: PodStats): number | undefined {
  if (!network) return undefined;
  const interfaces = network.interfaces ?? [network];
  const parts = interfaces.flatMap(({ rxBytes, txBytes }) => [whole(rxBytes), whole(txBytes)]).filter((bytes) => bytes !== undefined);
  return parts.length > 0 ? parts.reduce((a, b) => a + b, 0) : undefined;
}

/** By pod uid. The kubelet counts no storage operations, so they are never in it; memory is of the moment, not the peak. */
export function usageIn({ pods = [] }: StatsSummary): Map<string, ResourceUsage> {
  const found = new Map<string, ResourceUsage>();
  for (const pod of pods) {
    const uid = pod.podRef?.uid;
    if (!uid) continue;
    const nanoseconds = ofPod(pod, ({ cpu }) => cpu?.usageCoreNanoSeconds);
    const memory = ofPod(pod, ({ memory: used }) => used?.workingSetBytes);
    const network = networkBytes(pod);
    const usage: ResourceUsage = {
      ...(nanoseconds === undefined ? {} : { cpuTimeUsed: Math.floor(nanoseconds / 1_000_000) }),
      ...(memory === undefined ? {} : { memoryPeak: memory }),
      ...(network === undefined ? {} : { networkBytes: network }),
    };
    if (Object.keys(usage).length > 0) found.set(uid, usage);
  }
  return found;
}

/** Counters go on from the later sample; memory's peak is the largest that was seen. */
export function laterUsage(before: ResourceUsage | undefined, now: ResourceUsage): ResourceUsage {
  const peak = Math.max(before?.memoryPeak ?? 0, now.memoryPeak ?? 0);
  return { ...before, ...now, ...(peak > 0 ? { memoryPeak: peak } : {}) };
}

// What a pod asks for as the scheduler counts it: the larger of the running containers' sum and each init container beside its sidecars, plus overhead.
import type { ContainerLike, PodSpecLike } from './podLike.js';
import { LARGEST_QUANTITY, parseQuantity, QuantityError } from './quantity.js';

export interface Requests {
  cpuMillis: number;
  memoryBytes: number;
  storageBytes: number;
}
type ResourceList = Record<string, string | number>;

const ORDINARY: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];

/** A limit without a request is the request (API defaulting does so too). */
const listOf = ({ resources }: ContainerLike): ResourceList => ({ ...resources?.limits, ...resources?.requests });

/** Of one resource. Throws QuantityError. */
function effective(spec: PodSpecLike, resource: string, scale: 0 | 3): number {
  const read = (list: ResourceList | undefined) => parseQuantity(list?.[resource] ?? 0, scale);
  let sidecars = 0;
  let initPeak = 0;
  for (const container of spec.initContainers ?? []) {
    const asked = read(listOf(container));
    const sidecar = container.restartPolicy === 'Always';
    initPeak = Math.max(initPeak, sidecars + asked);
    if (sidecar) sidecars += asked;
  }
  const running = (spec.containers ?? []).reduce((sum, container) => sum + read(listOf(container)), sidecars);
  const total = Math.max(running, initPeak, read(spec.resources?.requests)) + read(spec.overhead);
  if (total > LARGEST_QUANTITY) throw new QuantityError(String(total));
  return total;
}

/** Throws QuantityError. */
export function effectiveRequests(spec: PodSpecLike): Requests {
  return { cpuMillis: effective(spec, 'cpu', 3), memoryBytes: effective(spec, 'memory', 0), storageBytes: effective(spec, 'ephemeral-storage', 0) };
}

/** Resources besides cpu, memory and storage, as nvidia.com/gpu; by name, none that is zero. Throws QuantityError. */
export function extendedRequests(spec: PodSpecLike): Record<string, number> {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const lists = [...containers.flatMap(({ resources }) => [resources?.requests, resources?.limits]), spec.resources?.requests, spec.overhead];
  const names = [...new Set(lists.flatMap((list) => Object.keys(list ?? {})))].filter((name) => !ORDINARY.includes(name)).toSorted();
  return Object.fromEntries(names.map((name): [string, number] => [name, effective(spec, name, 0)]).filter(([, amount]) => amount > 0));
}

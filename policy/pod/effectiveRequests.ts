// What a pod asks for as the scheduler counts it: the larger of the running containers' sum and each init container beside its sidecars, plus overhead.
import type { ContainerLike, PodSpecLike } from './podLike.js';
import { LARGEST_QUANTITY, parseQuantity, QuantityError } from './quantity.js';

export interface Requests {
  cpuMillis: number;
  memoryBytes: number;
  storageBytes: number;
}

const COMMITTED: readonly string[] = ['cpu', 'memory', 'ephemeral-storage'];
const NONE: Requests = { cpuMillis: 0, memoryBytes: 0, storageBytes: 0 };

function read(list: Record<string, string | number> | undefined): Requests {
  return {
    cpuMillis: parseQuantity(list?.cpu ?? 0, 3),
    memoryBytes: parseQuantity(list?.memory ?? 0, 0),
    storageBytes: parseQuantity(list?.['ephemeral-storage'] ?? 0, 0),
  };
}

/** A limit without a request is the request (API defaulting does so too). */
const requestsOf = ({ resources }: ContainerLike): Requests => read({ ...resources?.limits, ...resources?.requests });

function combine(a: Requests, b: Requests, pick: (x: number, y: number) => number): Requests {
  return { cpuMillis: pick(a.cpuMillis, b.cpuMillis), memoryBytes: pick(a.memoryBytes, b.memoryBytes), storageBytes: pick(a.storageBytes, b.storageBytes) };
}
const add = (a: Requests, b: Requests) => combine(a, b, (x, y) => x + y);
const larger = (a: Requests, b: Requests) => combine(a, b, Math.max);

/** Resources that are asked for but that no node commits, so that placement could not honour them; sorted. */
export function uncommittedResources(spec: PodSpecLike): string[] {
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const lists = [...containers.flatMap(({ resources }) => [resources?.requests, resources?.limits]), spec.resources?.requests, spec.overhead];
  return [...new Set(lists.flatMap((list) => Object.keys(list ?? {})))].filter((name) => !COMMITTED.includes(name)).toSorted();
}

/** Throws QuantityError. */
export function effectiveRequests(spec: PodSpecLike): Requests {
  let sidecars = NONE;
  let initPeak = NONE;
  for (const container of spec.initContainers ?? []) {
    const asked = requestsOf(container);
    if (container.restartPolicy === 'Always') sidecars = add(sidecars, asked);
    initPeak = larger(initPeak, container.restartPolicy === 'Always' ? sidecars : add(sidecars, asked));
  }
  const running = (spec.containers ?? []).map(requestsOf).reduce(add, sidecars);
  const podLevel = spec.resources?.requests ? read(spec.resources.requests) : NONE;
  const total = add(larger(larger(running, initPeak), podLevel), read(spec.overhead));
  const tooLarge = Object.values(total).find((amount) => amount > LARGEST_QUANTITY);
  if (tooLarge !== undefined) throw new QuantityError(String(tooLarge));
  return total;
}

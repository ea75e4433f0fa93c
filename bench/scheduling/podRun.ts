// Creates many pods at once and watches until each is bound: how many a second, and how long each took from its create to its binding.
import type { KubeApi } from '../../operator/runtime/kubeApi.js';
import { isKubeError } from '../../operator/runtime/kubeError.js';
import type { KubeList, Pod } from '../../operator/runtime/kubeObject.js';

export interface PodTemplate {
  namespace: string;
  schedulerName: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}
export interface PodRun {
  /** Pods from the first create's beginning to the last binding, per second. */
  perSecond: number;
  /** Create to bound of each pod, ms. */
  took: number[];
  /** Creates answered, per second. */
  createdPerSecond: number;
}

const CLIENTS = 32;
const STANDS_STILL_MS = 60_000;

const collectionOf = (namespace: string) => `/api/v1/namespaces/${namespace}/pods`;

function podOf(name: string, { namespace, schedulerName, labels = {}, annotations = {} }: PodTemplate) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels, bench: 'scheduling' }, annotations },
    spec: {
      schedulerName,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      nodeSelector: { type: 'kwok' },
      containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
    },
  };
}

/** When each pod was first seen bound, by name; the watch begins before the first pod is made, and goes on where it broke off. */
class BoundWatch {
  readonly at = new Map<string, number>();
  readonly #abort = new AbortController();
  #last = performance.now();
  readonly #watching: Promise<void>;

  constructor(
    private readonly api: KubeApi,
    private readonly namespace: string,
    private resourceVersion: string,
  ) {
    this.#watching = this.#watch();
  }

  async #watch(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const query = { resourceVersion: this.resourceVersion, labelSelector: 'bench=scheduling', timeoutSeconds: 600 };
      try {
        await this.api.watch(collectionOf(this.namespace), query, (line) => this.#line(line as { type: string; object: Pod }), this.#abort.signal);
      } catch (error) {
        if (!this.#abort.signal.aborted && !isKubeError(error, 'WatchBroken')) throw error;
      }
    }
  }

  #line({ type, object }: { type: string; object: Pod }): void {
    const { metadata, spec } = object;
    if (type === 'ERROR') throw new Error(`the watch of pods: ${JSON.stringify(object)}`);
    this.resourceVersion = metadata.resourceVersion ?? this.resourceVersion;
    if (!spec.nodeName || this.at.has(metadata.name)) return;
    this.#last = performance.now();
    this.at.set(metadata.name, this.#last);
  }

  async until(names: readonly string[]): Promise<void> {
    for (;;) {
      const missing = names.filter((name) => !this.at.has(name));
      if (missing.length === 0) return;
      if (performance.now() - this.#last > STANDS_STILL_MS) {
        const pod = await this.api.get<Pod>(`${collectionOf(this.namespace)}/${missing[0]}`);
        throw new Error(`${missing.length} of ${names.length} pods were not bound, and none more within ${STANDS_STILL_MS / 1000} s; ${missing[0]}: ${JSON.stringify(pod.status)}`);
      }
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 10)), this.#watching.then(() => new Promise(() => undefined))]);
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#watching;
  }
}

export async function runPods(api: KubeApi, template: PodTemplate, names: readonly string[], clients = CLIENTS): Promise<PodRun> {
  const path = collectionOf(template.namespace);
  const { metadata } = await api.get<KubeList<Pod>>(path, { limit: 1 });
  const watch = new BoundWatch(api, template.namespace, metadata.resourceVersion ?? '');
  const created = new Map<string, number>();
  const waiting = [...names];
  const began = performance.now();
  const client = async (): Promise<void> => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      created.set(name, performance.now());
      await api.create(path, podOf(name, template));
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
    const allCreated = performance.now();
    await watch.until(names);
    const ended = Math.max(...names.map((name) => watch.at.get(name)!));
    return {
      perSecond: (names.length * 1_000) / (ended - began),
      took: names.map((name) => watch.at.get(name)! - created.get(name)!),
      createdPerSecond: (names.length * 1_000) / (allCreated - began),
    };
  } finally {
    await watch.stop();
  }
}

/** One pod after another, each bound before the next is made; ms. */
export async function runSingly(api: KubeApi, template: PodTemplate, names: readonly string[]): Promise<number[]> {
  const took: number[] = [];
  for (const name of names) took.push(...(await runPods(api, template, [name], 1)).took);
  return took;
}

export async function removePods(api: KubeApi, namespace: string): Promise<void> {
  const path = collectionOf(namespace);
  for (;;) {
    const { items } = await api.get<KubeList<Pod>>(path, { labelSelector: 'bench=scheduling', limit: 500 });
    if (items.length === 0) return;
    const names = items.map(({ metadata }) => metadata.name);
    const client = async (): Promise<void> => {
      for (let name = names.shift(); name !== undefined; name = names.shift()) {
        await api.delete(`${path}/${name}`, { gracePeriodSeconds: 0 }).catch((error: unknown) => {
          if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
        });
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  }
}

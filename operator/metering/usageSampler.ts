// Asks the kubelets what runs and what it uses, through the API server's node proxy: for the receipt of a pod's end, and for what runs past the API server.
import { LRUCache } from 'lru-cache';
import type { ResourceUsage } from '../../receipts/types.js';
import { describeError } from '../runtime/describeError.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import type { Logger } from '../runtime/logger.js';
import { laterUsage, usageIn, type StatsSummary } from './podUsage.js';

/** A kubelet's own figures are that old. */
const EVERY_MS = 15_000;
/** A node without a kubelet, as a simulated one, is not asked again for so long. */
const SILENT_MS = 30 * 60_000;
/** Samples from one of all nodes to the next. */
const ALL_EVERY = 20;
/** In a row, for what is seen once may just have come or gone. */
const LOOKS_AT_ALL = 2;
const AT_ONCE = 4;
const KEPT = 50_000;

export interface SamplerSources {
  api: Pick<KubeApi, 'get'>;
  logger: Logger;
  /** Nodes on which pods of ours run, and, seldom, all. */
  nodes: () => Iterable<string>;
  allNodes: () => Iterable<string>;
  /** What a node's kubelet says that runs there. */
  seen: (node: string, summary: StatsSummary) => void;
}

export class UsageSampler {
  readonly #usage = new LRUCache<string, ResourceUsage>({ max: KEPT });
  readonly #silentUntil = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #sampling = false;
  #samples = 0;

  constructor(
    private readonly sources: SamplerSources,
    private readonly now: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.#timer = setInterval(() => void this.sample(), EVERY_MS);
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  /** What was measured of a pod, by its uid; undefined: nothing was. */
  of(uid: string): ResourceUsage | undefined {
    return this.#usage.get(uid);
  }

  /** Never rejects. */
  async sample(): Promise<void> {
    if (this.#sampling) return;
    this.#sampling = true;
    const nodes = this.#samples++ % ALL_EVERY < LOOKS_AT_ALL ? this.sources.allNodes() : this.sources.nodes();
    const waiting = [...nodes].filter((node) => (this.#silentUntil.get(node) ?? 0) <= this.now());
    const worker = async (): Promise<void> => {
      for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) await this.#ask(node);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.#sampling = false;
  }

  async #ask(node: string): Promise<void> {
    try {
      const summary = await this.sources.api.get<StatsSummary>(`/api/v1/nodes/${encodeURIComponent(node)}/proxy/stats/summary`);
      this.#silentUntil.delete(node);
      this.sources.seen(node, summary);
      for (const [uid, usage] of usageIn(summary)) this.#usage.set(uid, laterUsage(this.#usage.get(uid), usage));
    } catch (error) {
      const { code, message } = describeError(error);
      this.#silentUntil.set(node, this.now() + SILENT_MS);
      this.sources.logger.debug(`node ${node} tells no usage: ${message}`, { code });
    }
  }
}

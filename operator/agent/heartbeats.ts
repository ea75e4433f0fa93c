// The agent's heartbeat: looks at each node's kubelet, signs a beat for those that are there, and gives up at once those that are not.
import type { ChainWriter } from '../ledger/chainWriter.js';
import { describeError } from '../runtime/describeError.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import type { KubeList, KubeObject } from '../runtime/kubeObject.js';
import type { Logger } from '../runtime/logger.js';
import type { NodePlace } from './config.js';
import { HealthBook } from './healthBook.js';

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const LOOK_MS = 2_000;
const PROBE_MS = 1_500;
/** Every second look: leases are read and beats are sent. */
const EVERY = 2;
/** What one transaction takes. */
const MAX_NODES = 1_000;

type Lease = KubeObject & { spec?: { renewTime?: string } };

export interface HeartbeatSources {
  api: KubeApi;
  chain: ChainWriter;
  logger: Logger;
  places: readonly NodePlace[];
  /** Committed with the ledger, which knows no others. */
  committed: () => readonly string[];
  /** The ledger knows one of them no more. */
  forget: () => void;
}

export class Heartbeats {
  readonly #book = new HealthBook();
  readonly #givenUp = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;

  constructor(private readonly sources: HeartbeatSources) {}

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }
  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    this.#looks += 1;
    const full = this.#looks % EVERY === 0;
    try {
      await Promise.all([this.#probe(), full ? this.#readLeases() : undefined]);
      const committed = this.sources.committed();
      const health = (name: string) => this.#book.of(name, performance.now());
      const alive = committed.filter((name) => health(name) === 'alive');
      await Promise.all([...committed.filter((name) => health(name) === 'gone').map((name) => this.#giveUp(name)), full ? this.#beat(alive) : undefined]);
    } catch (error) {
      const { code, message } = describeError(error);
      this.sources.logger.warn(`heartbeat: ${message}`, { code });
    }
  }

  async #probe(): Promise<void> {
    const answers = async ({ name, healthUrl }: NodePlace): Promise<void> => {
      if (healthUrl === undefined) return;
      const ok = await fetch(healthUrl, { signal: AbortSignal.timeout(PROBE_MS) }).then((answer) => answer.ok, () => false);
      this.#book.answered(name, ok, performance.now());
    };
    await Promise.all(this.sources.places.map(answers));
  }

  async #readLeases(): Promise<void> {
    const { places, committed } = this.sources;
    const byLease = new Set([...places.map(({ name }) => name), ...committed()]);
    for (const { name, healthUrl } of places) if (healthUrl !== undefined) byLease.delete(name);
    if (byLease.size === 0) return;
    const asked = performance.now();
    const { items } = await this.sources.api.get<KubeList<Lease>>(LEASES, { resourceVersion: 0 });
    const renewals = items.filter(({ metadata }) => byLease.has(metadata.name)).map(({ metadata, spec }) => [metadata.name, spec?.renewTime ?? ''] as const);
    this.#book.leases(renewals, asked);
  }

  async #beat(alive: readonly string[]): Promise<void> {
    for (let at = 0; at < alive.length; at += MAX_NODES) {
      const nodes = alive.slice(at, at + MAX_NODES);
      const { outcome, code, reason } = await this.sources.chain.send('node.beat', { nodes });
      if (outcome === 'applied') for (const name of nodes) this.#givenUp.delete(name);
      else {
        this.sources.logger.warn(`beat of ${nodes.length} nodes: ${reason}`, { code });
        this.sources.forget();
      }
    }
  }

  async #giveUp(name: string): Promise<void> {
    if (this.#givenUp.has(name)) return;
    this.#givenUp.add(name);
    try {
      const { reason, transactionId } = await this.sources.chain.send('node.lost', { name, reason: 'its kubelet does not answer' });
      this.sources.logger.warn(reason, { node: name, receiptId: transactionId });
    } catch (error) {
      this.#givenUp.delete(name);
      throw error;
    }
  }
}

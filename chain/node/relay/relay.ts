// A relay: follows the chain over the validators' HTTP API, checks and executes every block itself, and serves reads; it has no key, no vote, and promises nothing.
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { generateEd25519 } from '../../../crypto/ed25519.js';
import { sha256Hex } from '../../../crypto/hash.js';
import { finalisedBlock } from '../../client/answers.js';
import { EndpointPool, type Endpoint } from '../../client/endpointPool.js';
import { followEvents } from '../../client/eventStream.js';
import { DEFAULT_TIMING, type Timing } from '../../client/timing.js';
import { TransportError } from '../../client/transport.js';
import type { Genesis } from '../../types.js';
import type { ApiContext, NodeStatus } from '../api/context.js';
import { apiListener, closeServer, listen } from '../api/server.js';
import { ChainState } from '../chainState.js';
import { DEFAULT_KEEP, homeFiles, type Address } from '../config.js';
import { patienceMs } from '../haltWatch.js';
import type { Logger } from '../logger.js';
import { listenForMetrics, NodeMetrics } from '../metrics.js';
import { NodeError } from '../nodeError.js';
import { nodeStatus } from '../nodeStatus.js';
import { fetchSnapshot } from '../snapshot/fetchSnapshot.js';
import { httpSource } from '../snapshot/httpSource.js';
import { adoptInstalled, installSnapshot } from '../snapshot/installSnapshot.js';
import { SnapshotFiles } from '../snapshot/snapshotFiles.js';
import { disk, makeDirectory } from '../storage/durableFile.js';
import { acquireExclusiveLock, type ExclusiveLock } from '../storage/exclusiveLock.js';
import { VERSION } from '../version.js';
import { forwardSigned } from './forwardSigned.js';

export interface RelayConfig {
  genesis: Genesis;
  /** Holds the chain as a validator's home directory does. */
  dataDir: string;
  name: string;
  /** HTTP APIs of validators or other relays: followed one at a time, none of them believed. */
  from: string[];
  api: Address;
  metrics: Address;
  /** Further behind than so many blocks, it begins with a snapshot; 0 = never. */
  snapshotSyncAbove?: number;
}
export interface RelayHooks {
  logger: Logger;
  listening(text: string): void;
  /** It cannot go on; it has not been stopped yet. */
  fatal(error: NodeError): void;
}

export class Relay {
  readonly #pool: EndpointPool;
  readonly #metrics = new NodeMetrics(() => this.status());
  readonly #listeners = new Set<(height: number) => void>();
  readonly #stopped = new AbortController();
  /** Only for the API's context: what a validator signs is forwarded. */
  readonly #identity = generateEd25519();
  #chain!: ChainState;
  #lock: ExclusiveLock | undefined;
  #servers: Server[] = [];
  #running: Promise<void> = Promise.resolve();
  #current: { abort: AbortController } | undefined;
  #progressAt = Date.now();

  constructor(
    private readonly config: RelayConfig,
    private readonly hooks: RelayHooks,
    private readonly timing: Timing = DEFAULT_TIMING,
  ) {
    this.#pool = new EndpointPool(config.from, timing);
  }

  /** Throws NodeError; nothing keeps running then. */
  async start(): Promise<void> {
    const { genesis, dataDir, api, metrics, name } = this.config;
    try {
      const files = homeFiles(dataDir);
      await makeDirectory(disk, files.data);
      this.#lock = await acquireExclusiveLock(files.data, this.#identity.publicKey);
      await this.#openChain(files);
      const listener = forwardSigned(this.#pool, this.timing.requestMs, apiListener(this.#context()));
      this.#servers.push(await listen(listener, { ...api, flag: '--api-port' }));
      this.#servers.push(await listenForMetrics(this.#metrics, () => this.#isReady(), metrics));
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#running = this.#run();
    this.hooks.listening(`relay ${name} of chain "${genesis.chainId}" at height ${this.#chain.height}: API ${api.host}:${api.port}, metrics ${metrics.host}:${metrics.port}, following ${this.config.from.join(', ')}`);
  }

  /** Far behind, with a snapshot of the validators instead of its own chain. */
  async #openChain({ blocks, incoming }: ReturnType<typeof homeFiles>): Promise<void> {
    const { genesis, snapshotSyncAbove: above = DEFAULT_KEEP.snapshotSyncAbove } = this.config;
    const open = async (): Promise<void> => {
      await adoptInstalled(blocks, incoming);
      await makeDirectory(disk, blocks);
      this.#chain = await ChainState.open(blocks, genesis);
    };
    await open();
    if (above === 0) return;
    const found = await fetchSnapshot({
      genesis,
      directory: incoming,
      above: this.#chain.height + above,
      sources: this.#pool.endpoints.map((endpoint) => httpSource(endpoint, this.timing)),
      refused: ({ name }, reason) => this.hooks.logger.warn('a snapshot was refused', { code: 'SnapshotRefused', endpoint: name, reason }),
      stopped: this.#stopped.signal,
    });
    if (!found) return;
    await installSnapshot(blocks, genesis, found, 0);
    await this.#chain.store.close();
    await open();
    this.hooks.logger.info('a snapshot was verified; going on from there', { height: found.height });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#current?.abort.abort();
    await Promise.all(this.#servers.map(closeServer));
    await this.#running;
    this.#pool.close();
    await this.#chain?.store.close();
    await this.#lock?.release();
  }

  status(): NodeStatus {
    const { genesis, name } = this.config;
    const { header } = this.#chain;
    return nodeStatus({
      genesis,
      set: this.#chain.setAt(header.height + 1).set,
      self: { key: this.#identity.publicKey, name },
      header,
      round: 0,
      peers: [],
      heightOf: () => undefined,
      syncing: false,
      progressAt: this.#progressAt,
      mempool: { size: 0, bytes: 0 },
      withheld: { count: 0, oldest: [] },
      now: Date.now(),
    });
  }

  #isReady(): boolean {
    return this.#chain.height > 0 && !this.status().halted;
  }

  async #run(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      const endpoint = this.#pool.ordered(Date.now())[0]!;
      try {
        await this.#follow(endpoint);
      } catch (error) {
        if (this.#stopped.signal.aborted) return;
        if (error instanceof NodeError && error.code !== 'BadBlock') return this.hooks.fatal(error);
        this.hooks.logger.warn('leaving a validator', { code: (error as { code?: string }).code ?? 'Unverified', endpoint: endpoint.url, height: this.#chain.height, fault: (error as Error).message });
        if (error instanceof TransportError) endpoint.failed(Date.now());
        else endpoint.lied(Date.now());
      }
      await sleep(this.timing.retryMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  /** Returns only by throwing. One that is alive and gives no blocks is left too: it may keep them back. */
  async #follow(endpoint: Endpoint): Promise<never> {
    const abort = new AbortController();
    this.#current = { abort };
    const patience = patienceMs(this.config.genesis.consensus.blockTimeMs);
    const stale = setTimeout(() => abort.abort(`it has given no block for ${patience} ms`), patience);
    try {
      return await followEvents(endpoint, {
        from: this.#chain.height + 1,
        timing: this.timing,
        abort,
        onBlock: async (data) => {
          await this.#take(data);
          stale.refresh();
        },
      });
    } finally {
      clearTimeout(stale);
    }
  }

  /** Believes nothing that its certificate and its own execution do not show. Throws NodeError or ShapeError. */
  async #take(data: string): Promise<void> {
    const block = finalisedBlock(JSON.parse(data), 'block');
    const { height } = block.header;
    if (height <= this.#chain.height || this.#stopped.signal.aborted) return;
    if (height !== this.#chain.height + 1) throw new NodeError('BadBlock', `block ${height} was sent where block ${this.#chain.height + 1} is next`);
    await this.#chain.commit(this.#chain.checkFinal(block), block.certificate);
    this.#progressAt = Date.now();
    this.#metrics.blockTransactions.observe(block.transactions.length);
    for (const listener of this.#listeners) listener(height);
  }

  #context(): ApiContext {
    return {
      genesis: this.config.genesis,
      keys: { ed25519: this.#identity },
      version: VERSION,
      store: this.#chain.store,
      snapshots: new SnapshotFiles(homeFiles(this.config.dataDir).snapshots),
      sets: () => this.#chain.sets,
      head: () => this.#chain.snapshot,
      status: () => this.status(),
      haltStatement: () => undefined,
      checkpoint: () => undefined,
      submit: (transactions) => Promise.resolve({ acknowledgements: [], refusals: transactions.map(notHere) }),
      onCommit: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      report: (error, request) => this.hooks.logger.error('a request failed', { code: 'Internal', request, error: error instanceof Error ? error.stack : String(error) }),
    };
  }
}

function notHere(raw: string): { transactionId: string; code: string; message: string } {
  return { transactionId: sha256Hex(raw), code: 'NotAValidator', message: 'this is a relay and can promise nothing; submit to the validators' };
}

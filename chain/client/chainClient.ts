// The verifying client: one object through which programs read and write the chain, believing no single validator (design: decisions 5, 6).
import { setTimeout as sleep } from 'node:timers/promises';
import type { PolicySet } from '../../policy/types.js';
import type { BlockHeader, ReceiptBundle, Statement } from '../../receipts/types.js';
import type { HistoryRange } from '../../receipts/verify/verifyHistory.js';
import type { FinalisedBlock, Genesis, Payloads, TransactionType } from '../types.js';
import { Validators } from './askValidators.js';
import { BlockFollower } from './blockFollower.js';
import { BlockReader } from './blockReader.js';
import { ChainError } from './chainError.js';
import { silentLogger, type ClientLogger } from './clientLogger.js';
import { EndpointPool } from './endpointPool.js';
import { startAtLatest } from './findHead.js';
import { HeaderChain } from './headerChain.js';
import { HistoryReader } from './historyReader.js';
import { loadHead, saveHead } from './headFile.js';
import type { AccountKey } from './keyFile.js';
import { logEdgeAt } from './logEdge.js';
import { PendingResults } from './pendingResults.js';
import { PolicySetFollower } from './policySetFollower.js';
import { ReceiptReader } from './receiptReader.js';
import { VerifyingStateReader } from './stateReader.js';
import { Submitter, type SubmitOptions } from './submitter.js';
import { DEFAULT_TIMING, type Timing } from './timing.js';
import type { ChainClient, FinalisedResult, Submission, VerifiedState } from './types.js';

export interface ChainClientOptions {
  /** HTTP APIs of the validators, all of them if possible: http://host:port. */
  endpoints: string[];
  /** Trusted: where the validators' keys come from. */
  genesis: Genesis;
  /** The account that submits. */
  key?: AccountKey;
  logger?: ClientLogger;
  /** Keeps the last verified head, so that a restarted client takes up the chain there and cannot be led back before it. */
  headFile?: string;
  timing?: Partial<Timing>;
}

type Listener = (block: FinalisedBlock) => void;

const SAVE_HEAD_MS = 10_000;

/** Throws ChainError 'BadConfiguration' or TransportError 'BadEndpoint'. */
export function createChainClient(options: ChainClientOptions): ChainClient {
  return new VerifyingChainClient(options);
}

class VerifyingChainClient implements ChainClient {
  readonly chainId: string;
  readonly #timing: Timing;
  readonly #logger: ClientLogger;
  readonly #stopped = new AbortController();
  readonly #pool: EndpointPool;
  readonly #chain: HeaderChain;
  readonly #validators: Validators;
  readonly #results = new PendingResults();
  readonly #state: VerifyingStateReader;
  readonly #policies: PolicySetFollower;
  readonly #receipts: ReceiptReader;
  readonly #history: HistoryReader;
  readonly #submitter: Submitter;
  readonly #headFile: string | undefined;
  readonly #listeners = new Set<Listener>();
  #follower: BlockFollower | undefined;
  #latest: FinalisedBlock | undefined;
  #saving: NodeJS.Timeout | undefined;

  constructor({ endpoints, genesis, key, logger = silentLogger, headFile, timing }: ChainClientOptions) {
    if (endpoints.length === 0)
      throw new ChainError('BadConfiguration', 'no endpoint is given; name at least one validator, as http://127.0.0.1:21001');
    this.chainId = genesis.chainId;
    this.#logger = logger;
    this.#headFile = headFile;
    this.#timing = { ...DEFAULT_TIMING, ...timing };
    this.#chain = new HeaderChain(genesis);
    this.#pool = new EndpointPool(endpoints, this.#timing);
    this.#validators = new Validators(this.#pool, this.#chain.sets, this.#timing, logger, this.#stopped.signal);
    this.#state = new VerifyingStateReader(this.#validators, this.#chain);
    this.#policies = new PolicySetFollower(this.#state, this.#timing, logger);
    this.#receipts = new ReceiptReader(this.#validators, genesis, this.#timing);
    this.#history = new HistoryReader(this.#validators, this.#chain);
    this.#submitter = new Submitter(this.#chain, this.#validators, this.#results, this.#timing, key);
  }

  async start(): Promise<void> {
    await startAtLatest(this.#chain, this.#validators, this.#timing, this.#headFile === undefined ? undefined : loadHead(this.#headFile));
    const { head } = this.#chain;
    const edge = await logEdgeAt(this.#validators, head, this.#timing.callMs);
    await this.#policies.start(head.height);
    this.#mustRun();
    const waiting = () => this.#results.size > 0;
    const onBlock = (block: FinalisedBlock, results: FinalisedResult[]): void => this.#blockFinal(block, results);
    this.#follower = new BlockFollower(this.#validators, this.#chain, edge, { timing: this.#timing, logger: this.#logger, onBlock, waiting });
    this.#follower.start();
    if (this.#headFile !== undefined) this.#saving = setInterval(() => this.#saveHead(), SAVE_HEAD_MS);
    this.#logger.info('following the chain', { chainId: this.chainId, height: head.height });
  }

  async stop(): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    clearInterval(this.#saving);
    await this.#follower?.stop();
    await this.#policies.stop();
    this.#saveHead();
    this.#results.stop();
    this.#listeners.clear();
    this.#pool.close();
  }

  head(): BlockHeader {
    return this.#chain.head;
  }

  policySet(): PolicySet {
    return this.#policies.current;
  }

  async submit<T extends TransactionType>(type: T, payload: Payloads[T], options?: SubmitOptions): Promise<Submission> {
    this.#mustRun();
    return this.#submitter.submit(type, payload, options);
  }

  async getState<T>(
    key: string,
    { minHeight, timeoutMs = this.#timing.callMs }: { minHeight?: number; timeoutMs?: number } = {},
  ): Promise<VerifiedState<T>> {
    this.#mustRun();
    return this.#state.get<T>(key, { minHeight, timeoutMs });
  }

  async listState<T>(prefix: string): Promise<{ key: string; value: T }[]> {
    this.#mustRun();
    return this.#state.list<T>(prefix, { timeoutMs: this.#timing.callMs });
  }

  async receipt(receiptId: string): Promise<ReceiptBundle> {
    this.#mustRun();
    return this.#receipts.receipt(receiptId);
  }

  async receiptsFor(object: { kind: string; namespace?: string; name: string }, limit = 100): Promise<ReceiptBundle[]> {
    this.#mustRun();
    return this.#receipts.receiptsFor(object, limit);
  }

  async history(range: HistoryRange): Promise<Statement[]> {
    this.#mustRun();
    return this.#history.read(range, this.#timing.callMs);
  }

  /** A listener's error is logged; it gets the next block all the same. */
  onBlock(listener: Listener, fromHeight = 0): () => void {
    const guarded: Listener = (block) => {
      try {
        if (block.header.height >= fromHeight) listener(block);
      } catch (error) {
        this.#logger.error('a block listener failed', { code: 'ListenerFailed', height: block.header.height, fault: (error as Error).stack });
      }
    };
    const wanted = new AbortController();
    const past = fromHeight > 0 && (!this.#chain.started || fromHeight <= this.#chain.head.height);
    if (past) void this.#replay(guarded, fromHeight, wanted.signal);
    else this.#listeners.add(guarded);
    return () => {
      wanted.abort();
      this.#listeners.delete(guarded);
    };
  }

  /** Past blocks first; the listener joins the others in the same turn in which it has caught up with them. */
  async #replay(listener: Listener, fromHeight: number, wanted: AbortSignal): Promise<void> {
    const reader = new BlockReader(this.#validators, this.#chain, this.#timing);
    let height = fromHeight;
    while (!wanted.aborted && !this.#stopped.signal.aborted) {
      if (!this.#chain.started) await sleep(this.#timing.retryMs);
      else if (height > this.#chain.head.height) {
        this.#listeners.add(listener);
        return;
      } else {
        try {
          const block = await reader.read(height);
          if (!wanted.aborted) listener(block);
          height += 1;
        } catch (error) {
          this.#logger.warn('a past block could not be read', { code: (error as ChainError).code, height, fault: (error as Error).message });
          await sleep(10 * this.#timing.retryMs);
        }
      }
    }
  }

  #blockFinal(block: FinalisedBlock, results: FinalisedResult[]): void {
    this.#latest = block;
    this.#policies.blockFinal(block);
    this.#results.blockFinal(block.header.height, results);
    for (const listener of [...this.#listeners]) listener(block);
  }

  #saveHead(): void {
    if (this.#headFile === undefined || !this.#latest) return;
    const { header, certificate } = this.#latest;
    try {
      saveHead(this.#headFile, { header, certificate });
    } catch (error) {
      this.#logger.warn('the head could not be saved', { code: 'SaveFailed', file: this.#headFile, fault: (error as Error).message });
    }
  }

  #mustRun(): void {
    if (this.#stopped.signal.aborted) throw new ChainError('Stopped', 'the client was stopped');
  }
}

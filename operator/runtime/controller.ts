// The worker loop of every controller: keys from a rate-limited queue, success forgets, an error requeues.
import { describeError } from './describeError.js';
import type { Logger } from './logger.js';
import type { OperatorMetrics } from './metrics.js';
import { WorkQueue, type Timers } from './workQueue.js';

/** What a pass did, or why it did nothing; `againMs` asks for another pass later. */
export interface PassResult {
  /** Receipt of the pass; none for a quiet one (docs/adr/0004). */
  receiptId?: string;
  quiet?: string;
  againMs?: number;
}

export interface Reconciler {
  readonly name: string;
  /** One pass over the object with this key; level-triggered: it looks at what is, not at what happened. */
  reconcile(key: string): Promise<PassResult>;
  /** Shows a failed pass to the user, as a condition and an event. */
  showFailure(key: string, error: { code: string; message: string }, failures: number): Promise<void>;
}

export interface ControllerOptions {
  workers: number;
  baseMs?: number;
  maxMs?: number;
  random?: () => number;
  timers?: Timers;
}

const BASE_MS = 100;
const MAX_MS = 60_000;
const CONFLICTS_LOGGED_FROM = 3;

export class Controller {
  readonly queue: WorkQueue;
  #workers: Promise<void>[] = [];

  constructor(
    private readonly reconciler: Reconciler,
    private readonly logger: Logger,
    private readonly metrics: OperatorMetrics,
    private readonly options: ControllerOptions,
  ) {
    const { baseMs = BASE_MS, maxMs = MAX_MS, random = Math.random, timers } = options;
    this.queue = new WorkQueue({ baseMs, maxMs, random }, timers);
    metrics.watchQueue(reconciler.name, () => this.queue.length);
  }

  get name(): string {
    return this.reconciler.name;
  }

  start(): void {
    this.#workers = Array.from({ length: this.options.workers }, () => this.#work());
  }

  /** Resolves when the passes in flight are over. */
  async stop(): Promise<void> {
    this.queue.close();
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    for (let key = await this.queue.take(); key !== undefined; key = await this.queue.take()) {
      await this.#pass(key);
      this.queue.done(key);
    }
  }

  async #pass(key: string): Promise<void> {
    const { name } = this.reconciler;
    const stopTimer = this.metrics.passSeconds.startTimer({ controller: name });
    try {
      const { receiptId, quiet, againMs } = await this.reconciler.reconcile(key);
      this.queue.forget(key);
      if (againMs !== undefined) this.queue.addAfter(key, againMs);
      if (quiet === undefined) this.logger.info('reconciled', { controller: name, key, receiptId });
      else this.logger.debug(`quiet: ${quiet}`, { controller: name, key });
      this.metrics.passes.inc({ controller: name, result: quiet === undefined ? 'acted' : 'quiet' });
    } catch (error) {
      await this.#failed(key, error);
    } finally {
      stopTimer();
    }
  }

  async #failed(key: string, cause: unknown): Promise<void> {
    const { name } = this.reconciler;
    const error = describeError(cause);
    this.queue.addRateLimited(key);
    const failures = this.queue.failures(key);
    this.metrics.passes.inc({ controller: name, result: error.code });
    // A conflict only says that the object has changed since it was read.
    const level = error.code === 'Conflict' && failures < CONFLICTS_LOGGED_FROM ? 'debug' : 'warn';
    this.logger[level](`pass failed: ${error.message}`, { controller: name, key, code: error.code, failures, stack: error.stack });
    try {
      await this.reconciler.showFailure(key, error, failures);
    } catch (second) {
      const { code, message } = describeError(second);
      this.logger.warn(`the failure could not be shown: ${message}`, { controller: name, key, code });
    }
  }
}

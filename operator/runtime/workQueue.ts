// A queue of keys, as client-go's workqueue: a key is there at most once, is never worked on twice at a time, and comes back once when it was added meanwhile.
import { backoffMs, type BackoffOptions } from './backoff.js';

export interface Timers {
  after(ms: number, run: () => void): () => void;
}
const realTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export class WorkQueue {
  readonly #ready: string[] = [];
  /** Waiting to be worked on, or to be added again when the work in flight is done. */
  readonly #dirty = new Set<string>();
  readonly #inFlight = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #later = new Map<string, { dueAt: number; cancel: () => void }>();
  readonly #takers: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(
    private readonly backoff: BackoffOptions,
    private readonly timers: Timers = realTimers,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Keys that wait for a worker now. */
  get length(): number {
    return this.#ready.length;
  }

  add(key: string): void {
    if (this.#closed || this.#dirty.has(key)) return;
    this.#dirty.add(key);
    if (!this.#inFlight.has(key)) this.#offer(key);
  }

  /** The earlier of two times counts. */
  addAfter(key: string, ms: number): void {
    if (this.#closed) return;
    const dueAt = this.now() + ms;
    const pending = this.#later.get(key);
    if (pending && pending.dueAt <= dueAt) return;
    pending?.cancel();
    const cancel = this.timers.after(ms, () => {
      this.#later.delete(key);
      this.add(key);
    });
    this.#later.set(key, { dueAt, cancel });
  }

  addRateLimited(key: string): void {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.addAfter(key, backoffMs(failures, this.backoff));
  }

  /** The next failure waits as the first one did. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** Resolves with a key, which is in flight until done(key); with undefined when the queue is closed. */
  take(): Promise<string | undefined> {
    const key = this.#ready.shift();
    if (key !== undefined) return Promise.resolve(this.#begin(key));
    if (this.#closed) return Promise.resolve(undefined);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  done(key: string): void {
    this.#inFlight.delete(key);
    if (this.#dirty.has(key)) this.#offer(key);
  }

  close(): void {
    this.#closed = true;
    this.#ready.length = 0;
    this.#dirty.clear();
    for (const { cancel } of this.#later.values()) cancel();
    this.#later.clear();
    for (const taker of this.#takers.splice(0)) taker(undefined);
  }

  #begin(key: string): string {
    this.#dirty.delete(key);
    this.#inFlight.add(key);
    return key;
  }

  #offer(key: string): void {
    const taker = this.#takers.shift();
    if (taker) taker(this.#begin(key));
    else this.#ready.push(key);
  }
}

// Watches from outside when blocks appear: asks every validator for its height all the time, and knows the longest pause between two blocks.
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeStatus } from '../../chain/node/api/context.js';

const ASK_EVERY_MS = 25;
const PATIENCE_MS = 1_000;
/** A validator that does not answer is asked less often. */
const SILENT_MS = 100;

interface Seen {
  height: number;
  /** performance.now() */
  at: number;
}

export class BlockWatch {
  readonly #seen: Seen[] = [];
  readonly #stop = new AbortController();
  #loops: Promise<void>[] = [];
  #waiting: (() => void)[] = [];

  constructor(private readonly endpoints: readonly string[]) {}

  start(): void {
    this.#loops = this.endpoints.map((endpoint) => this.#ask(endpoint));
  }
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  get height(): number {
    return this.#seen.at(-1)?.height ?? 0;
  }
  /** Milliseconds until a block above `height` is seen; throws after `patienceMs`. */
  async above(height: number, patienceMs: number): Promise<number> {
    const began = performance.now();
    while (this.height <= height) {
      const left = began + patienceMs - performance.now();
      if (left <= 0) throw new Error(`no block above ${height} within ${patienceMs / 1_000} s`);
      await Promise.race([new Promise<void>((resolve) => this.#waiting.push(resolve)), sleep(left, undefined, { ref: false })]);
    }
    return performance.now() - began;
  }

  /** Between two blocks, or to the end of the time; milliseconds of performance.now(). */
  longestPause(from: number, to: number): number {
    const times = this.#seen.map(({ at }) => at);
    const before = times.findLast((at) => at <= from) ?? from;
    const within = [before, ...times.filter((at) => at > from && at <= to)];
    const pauses = within.map((at, index) => (within[index + 1] ?? Math.max(to, at)) - at);
    return Math.max(0, ...pauses);
  }

  async #ask(endpoint: string): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        const answer = await fetch(`${endpoint}/v1/status`, { signal: AbortSignal.timeout(PATIENCE_MS) });
        const status = (await answer.json()) as NodeStatus;
        if (status.height > this.height) this.#note(status.height);
        await sleep(ASK_EVERY_MS);
      } catch {
        await sleep(SILENT_MS);
      }
    }
  }

  #note(height: number): void {
    this.#seen.push({ height, at: performance.now() });
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

// Pods that could not be placed: each waits twice as long as before, and all are looked at again when something that placement depends on changes.
import { backoffMs } from '../runtime/backoff.js';
import type { WorkQueue } from '../runtime/workQueue.js';

const BACKOFF = { baseMs: 1_000, maxMs: 10_000 };
/** Without any change, as kube-scheduler does. */
const ANYWAY_MS = 5 * 60_000;

interface Waiting {
  attempts: number;
  /** Not looked at again before this, whatever changes. */
  notBefore: number;
}

export class WaitingPods {
  readonly #waiting = new Map<string, Waiting>();

  constructor(
    private readonly queue: Pick<WorkQueue, 'addAfter'>,
    private readonly random: () => number = Math.random,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.#waiting.size;
  }

  attempts(uid: string): number {
    return this.#waiting.get(uid)?.attempts ?? 0;
  }

  add(uid: string): void {
    const attempts = this.attempts(uid) + 1;
    this.#waiting.set(uid, { attempts, notBefore: this.now() + backoffMs(attempts, { ...BACKOFF, random: this.random }) });
    this.queue.addAfter(uid, ANYWAY_MS);
  }

  remove(uid: string): void {
    this.#waiting.delete(uid);
  }

  /** Nodes, policies or placements have changed. */
  somethingChanged(): void {
    for (const [uid, { notBefore }] of this.#waiting) this.queue.addAfter(uid, Math.max(0, notBefore - this.now()));
  }
}

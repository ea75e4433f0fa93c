// Asks peers for snapshots over their links: a request and its answer are two messages, brought together here.
import type { SnapshotSource } from './fetchSnapshot.js';

const ANSWER_WITHIN_MS = 10_000;

export interface AskSnapshot {
  /** False when there is no link. */
  manifest(peer: number): boolean;
  part(peer: number, height: number, depth: number, index: number): boolean;
}

interface Waiting {
  resolve(value: unknown): void;
  fail(): void;
  timer: NodeJS.Timeout;
}

export class SnapshotPeers {
  readonly #waiting = new Map<string, Waiting>();

  constructor(private readonly ask: AskSnapshot) {}

  source(peer: number, name: string): SnapshotSource {
    return {
      name,
      manifest: () => this.#answer(`${peer}`, () => this.ask.manifest(peer)),
      part: (height, depth, index) => this.#answer(`${peer}/${height}/${index}`, () => this.ask.part(peer, height, depth, index)),
    };
  }

  /** What nobody asked for is passed over. */
  manifest(peer: number, manifest: unknown): void {
    this.#answered(`${peer}`, manifest);
  }
  part(peer: number, height: number, index: number, records: unknown): void {
    this.#answered(`${peer}/${height}/${index}`, records);
  }

  stop(): void {
    for (const { timer, fail } of this.#waiting.values()) {
      clearTimeout(timer);
      fail();
    }
  }

  #answer(question: string, send: () => boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        this.#waiting.delete(question);
        reject(new Error('it did not answer'));
      };
      if (!send()) return fail();
      this.#waiting.set(question, { resolve, fail, timer: setTimeout(fail, ANSWER_WITHIN_MS) });
    });
  }

  #answered(question: string, value: unknown): void {
    const waiting = this.#waiting.get(question);
    if (!waiting) return;
    this.#waiting.delete(question);
    clearTimeout(waiting.timer);
    waiting.resolve(value ?? undefined);
  }
}

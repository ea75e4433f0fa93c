// How late other validators' votes for a block come, which is what its execution looks like from outside (agreement 6: generation, verification of commitments, balancing).
import { LRUCache } from 'lru-cache';
import type { StatedLevel } from '../../courtTypes.js';

/** Proposals whose votes are awaited; later ones are of no use. */
const KEPT = 64;

/** What a vote's delay says, divided by `per`. */
export interface Reading {
  level: StatedLevel;
  per: number;
}
interface Awaited {
  proposedAt: number;
  /** By validator, ms after the proposal was here; until it is known what they say. */
  votes: Map<string, number>;
  /** Once the block is final. */
  readings: readonly Reading[] | undefined;
}

export class VoteTimes {
  readonly #awaited = new LRUCache<string, Awaited>({ max: KEPT });

  constructor(private readonly add: (level: StatedLevel, publicKey: string, ms: number) => void) {}

  /** This validator has the whole proposal and begins to check it, at `now` ms, or has sent its own. */
  proposed(digest: string, now: number): void {
    if (!this.#awaited.has(digest)) this.#awaited.set(digest, { proposedAt: now, votes: new Map(), readings: undefined });
  }

  /** The first of each counts. What comes before the proposal says nothing. */
  voted(digest: string, publicKey: string, now: number): void {
    const awaited = this.#awaited.peek(digest);
    if (!awaited || awaited.votes.has(publicKey)) return;
    const ms = now - awaited.proposedAt;
    awaited.votes.set(publicKey, ms);
    if (awaited.readings) this.#read(awaited.readings, publicKey, ms);
  }

  /** Votes that come later count too. */
  final(digest: string, readings: readonly Reading[]): void {
    const awaited = this.#awaited.peek(digest);
    if (!awaited || awaited.readings) return;
    awaited.readings = readings;
    for (const [publicKey, ms] of awaited.votes) this.#read(readings, publicKey, ms);
  }

  #read(readings: readonly Reading[], publicKey: string, ms: number): void {
    for (const { level, per } of readings) this.add(level, publicKey, ms / per);
  }
}

// Tells other validators which transactions wait here: soon those that propose next, the rest only of what waits for long; they ask for what they lack.
import { encodePeerMessage } from './peerMessages.js';
import type { Waiting } from './mempool.js';

/** Clients hand transactions to all validators, and most are in a block by then: those are not worth a word. */
const PROPOSERS_AFTER_MS = 40;
const EVERYBODY_AFTER_MS = 1_000;
const MAX_BATCH_BYTES = 1024 * 1024;
/** In one message. */
const MAX_IDS = 10_000;
/** A client hands a transaction to all validators: that is waited for before it is asked for. */
const PATIENCE_MS = 4;
/** Announced and lacking, of all peers together. */
const MAX_LACKING = 50_000;

export interface GossipHooks {
  /** Indices of those that propose now and next. */
  proposers(): number[];
  others(): number[];
  /** Waiting here. */
  waiting(id: string): Waiting | undefined;
  /** Waiting here or executed. */
  isKnown(id: string): boolean;
  send(peer: number, message: Uint8Array): void;
}

export class Gossip {
  #fresh: string[] = [];
  #later: { id: string; due: number }[] = [];
  /** Id → who announced it. */
  #lacking = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #laterTimer: NodeJS.Timeout | undefined;
  #askTimer: NodeJS.Timeout | undefined;

  constructor(private readonly hooks: GossipHooks) {}

  add(id: string): void {
    this.#fresh.push(id);
    this.#timer ??= setTimeout(() => this.#tellProposers(), PROPOSERS_AFTER_MS);
  }

  /** To a validator that has just come: all that it may not have. */
  greet(peer: number, ids: string[]): void {
    this.#announce(ids, [peer]);
  }

  /** A peer has these; they are asked for when they do not come by themselves. */
  announced(from: number, ids: string[]): void {
    for (const id of ids) if (this.#lacking.size < MAX_LACKING && !this.hooks.isKnown(id)) this.#lacking.set(id, from);
    if (this.#lacking.size > 0) this.#askTimer ??= setTimeout(() => this.#ask(), PATIENCE_MS);
  }

  /** A peer lacks these. */
  wanted(from: number, ids: string[]): void {
    const raws = ids.flatMap((id) => this.hooks.waiting(id)?.raw ?? []);
    for (const transactions of batches(raws)) this.hooks.send(from, encodePeerMessage('transactions', { transactions }));
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#laterTimer);
    clearTimeout(this.#askTimer);
  }

  #tellProposers(): void {
    this.#timer = undefined;
    const ids = this.#fresh.filter((id) => this.hooks.waiting(id) !== undefined);
    this.#fresh = [];
    if (ids.length === 0) return;
    this.#announce(ids, this.hooks.proposers());
    const due = Date.now() + EVERYBODY_AFTER_MS;
    for (const id of ids) this.#later.push({ id, due });
    this.#laterTimer ??= setTimeout(() => this.#tellOthers(), EVERYBODY_AFTER_MS);
  }

  #tellOthers(): void {
    const now = Date.now();
    const first = this.#later.findIndex((one) => one.due > now);
    const due = this.#later.splice(0, first < 0 ? this.#later.length : first);
    const waiting = due.filter(({ id }) => this.hooks.waiting(id) !== undefined).map(({ id }) => id);
    this.#announce(waiting, this.hooks.others());
    this.#laterTimer = this.#later.length === 0 ? undefined : setTimeout(() => this.#tellOthers(), Math.max(1, this.#later[0]!.due - now));
  }

  #announce(ids: string[], peers: number[]): void {
    if (peers.length === 0) return;
    for (let from = 0; from < ids.length; from += MAX_IDS) {
      const message = encodePeerMessage('announce', { ids: ids.slice(from, from + MAX_IDS) });
      for (const peer of peers) this.hooks.send(peer, message);
    }
  }

  #ask(): void {
    this.#askTimer = undefined;
    const byPeer = new Map<number, string[]>();
    for (const [id, from] of this.#lacking) {
      if (this.hooks.isKnown(id)) continue;
      const ids = byPeer.get(from) ?? [];
      ids.push(id);
      byPeer.set(from, ids);
    }
    this.#lacking = new Map();
    for (const [peer, ids] of byPeer) {
      for (let from = 0; from < ids.length; from += MAX_IDS) this.hooks.send(peer, encodePeerMessage('wanted', { ids: ids.slice(from, from + MAX_IDS) }));
    }
  }
}

function batches(raws: string[]): string[][] {
  const all: string[][] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const raw of raws) {
    if (batch.length > 0 && bytes + raw.length > MAX_BATCH_BYTES) {
      all.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(raw);
    bytes += raw.length;
  }
  if (batch.length > 0) all.push(batch);
  return all;
}

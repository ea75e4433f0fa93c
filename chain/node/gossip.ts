// Tells other validators of transactions taken here: at once those that propose next, the rest only if it has not been executed soon.
import { encodePeerMessage } from './peerMessages.js';
import type { Waiting } from './mempool.js';

const BATCH_MS = 2;
const EVERYBODY_AFTER_MS = 150;
const MAX_BATCH_BYTES = 1024 * 1024;

export interface GossipHooks {
  /** Indices of those that propose now and next. */
  proposers(): number[];
  others(): number[];
  isWaiting(id: string): boolean;
  send(peer: number, message: Uint8Array): void;
}

export class Gossip {
  #fresh: Waiting[] = [];
  #later: { entry: Waiting; due: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #laterTimer: NodeJS.Timeout | undefined;

  constructor(private readonly hooks: GossipHooks) {}

  add(entry: Waiting): void {
    this.#fresh.push(entry);
    this.#timer ??= setTimeout(() => this.#tellProposers(), BATCH_MS);
  }

  /** To a validator that has just come: all that it may not have. */
  greet(peer: number, waiting: Iterable<string>): void {
    for (const message of batches([...waiting])) this.hooks.send(peer, message);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#laterTimer);
  }

  #tellProposers(): void {
    this.#timer = undefined;
    const entries = this.#fresh;
    this.#fresh = [];
    this.#tell(entries, this.hooks.proposers());
    const due = Date.now() + EVERYBODY_AFTER_MS;
    for (const entry of entries) this.#later.push({ entry, due });
    this.#laterTimer ??= setTimeout(() => this.#tellOthers(), EVERYBODY_AFTER_MS);
  }

  #tellOthers(): void {
    const now = Date.now();
    const due = this.#later.filter((one) => one.due <= now && this.hooks.isWaiting(one.entry.id));
    this.#later = this.#later.filter((one) => one.due > now);
    this.#tell(
      due.map(({ entry }) => entry),
      this.hooks.others(),
    );
    this.#laterTimer = this.#later.length === 0 ? undefined : setTimeout(() => this.#tellOthers(), Math.max(1, this.#later[0]!.due - now));
  }

  #tell(entries: Waiting[], peers: number[]): void {
    if (entries.length === 0 || peers.length === 0) return;
    for (const message of batches(entries.map(({ raw }) => raw))) for (const peer of peers) this.hooks.send(peer, message);
  }
}

function batches(raws: string[]): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let batch: string[] = [];
  let bytes = 0;
  for (const raw of raws) {
    if (batch.length > 0 && bytes + raw.length > MAX_BATCH_BYTES) {
      messages.push(encodePeerMessage('transactions', { transactions: batch }));
      batch = [];
      bytes = 0;
    }
    batch.push(raw);
    bytes += raw.length;
  }
  if (batch.length > 0) messages.push(encodePeerMessage('transactions', { transactions: batch }));
  return messages;
}

// The newest receipt about each proposal and case, as blocks bring them: of votes, filings, decisions, and of what time brought.
import { LRUCache } from 'lru-cache';
import type { ReceiptReference } from '../../api/index.js';
import type { ReceiptPredicate } from '../../receipts/types.js';

const KINDS = ['Proposal', 'Dispute'];

export class LatestReceipts {
  readonly #known = new LRUCache<string, ReceiptReference>({ max: 10_000 });

  of(id: string): ReceiptReference | undefined {
    return this.#known.get(id);
  }

  /** Returns the proposal or case that it is about, if any. */
  note({ object, receiptId, blockHeight, outcome }: ReceiptPredicate): string | undefined {
    if (!object || !KINDS.includes(object.kind) || outcome !== 'applied') return undefined;
    this.#known.set(object.name, { id: receiptId, height: blockHeight });
    return object.name;
  }
}

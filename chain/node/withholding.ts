// Makes withholding visible: who said that it has a transaction, had its turn with room to spare, and left it out.
import type { Block, Genesis } from '../types.js';

/** A transaction that waits for longer than it should. */
export interface Withheld {
  transactionId: string;
  /** Height at which it was first acknowledged or announced here. */
  since: number;
  /** Addresses of validators that said that they have it. */
  acknowledgedBy: string[];
  /** Those of them that proposed a block with room for it since, and left it out. */
  withheldBy: string[];
}
export interface FinalBlock {
  height: number;
  /** Address. */
  proposer: string;
  transactionIds: readonly string[];
  /** A block that was nearly full, or of a later round, leaves out what it must. */
  hadRoom: boolean;
}

/** The oldest are forgotten first. */
const MAX_KEPT = 50_000;
const SHOWN = 20;

interface Kept {
  since: number;
  acknowledgedBy: Map<string, { from: number; withheld: boolean }>;
}

/** A block that is not nearly full. */
export function hasRoom({ transactions }: Block, { consensus: { maxBlockBytes, maxBlockTransactions } }: Genesis): boolean {
  const bytes = transactions.reduce((sum, raw) => sum + raw.length, 0);
  return transactions.length < maxBlockTransactions / 2 && bytes < maxBlockBytes / 2;
}

export class Withholding {
  readonly #kept = new Map<string, Kept>();

  /** `isWaiting`: it can still be executed and is in no block; `graceBlocks`: how many of others may pass before a turn counts, for messages take their time. */
  constructor(
    private readonly isWaiting: (id: string) => boolean,
    private readonly graceBlocks = 2,
  ) {}

  /** The validator at that address says that it has it, while `height` is the head. */
  acknowledged(id: string, address: string, height: number): void {
    const kept = this.#kept.get(id) ?? { since: height, acknowledgedBy: new Map() };
    if (!kept.acknowledgedBy.has(address)) kept.acknowledgedBy.set(address, { from: height, withheld: false });
    this.#kept.set(id, kept);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
  }

  /** Returns the transactions that the proposer left out, each told once. */
  blockFinal({ height, proposer, transactionIds, hadRoom }: FinalBlock): string[] {
    for (const id of transactionIds) this.#kept.delete(id);
    const left: string[] = [];
    for (const [id, { since, acknowledgedBy }] of this.#kept) {
      if (since + this.graceBlocks >= height) break;
      if (!this.isWaiting(id)) {
        this.#kept.delete(id);
        continue;
      }
      const told = acknowledgedBy.get(proposer);
      if (!hadRoom || !told || told.withheld || told.from + this.graceBlocks >= height) continue;
      told.withheld = true;
      left.push(id);
    }
    return left;
  }

  /** The oldest that were withheld, and how many there are. */
  report(): { count: number; oldest: Withheld[] } {
    const withheld = [...this.#kept].filter(([id, { acknowledgedBy }]) => [...acknowledgedBy.values()].some((one) => one.withheld) && this.isWaiting(id));
    const oldest = withheld.slice(0, SHOWN).map(([transactionId, { since, acknowledgedBy }]) => ({
      transactionId,
      since,
      acknowledgedBy: [...acknowledgedBy.keys()],
      withheldBy: [...acknowledgedBy].filter(([, one]) => one.withheld).map(([address]) => address),
    }));
    return { count: withheld.length, oldest };
  }
}

// Signs what is submitted close together with one signature, which for validators is one request and one check instead of many (ADR 7).
import type { TransactionBody } from '../types.js';
import { signTogether, unsigned, type BuiltTransaction, type UnsignedTransaction } from './buildTransaction.js';

/** More make the way to the root longer, and save hardly anything. */
const TOGETHER = 32;
/** Nobody waits for company while so few submissions are under way. */
export const FEW = 2;
const MS_FOR_EACH = 10;

interface Waiting {
  transaction: UnsignedTransaction;
  resolve(built: BuiltTransaction): void;
}

/** How long, in ms, the first of a batch waits for others: the more are under way already, the longer; 0 = only for those of the same turn. */
export function gatherMs(underWay: number, mostMs: number): number {
  return Math.min(mostMs, MS_FOR_EACH * Math.max(0, underWay - FEW));
}

export class BatchSigner {
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** `underWay` = submissions that somebody waits for. */
  constructor(
    private readonly privateKey: string,
    private readonly gather: { mostMs: number; underWay: () => number } = { mostMs: 0, underWay: () => 0 },
  ) {}

  /** `body.sender` is the key's. Rejects with CanonicalJsonError. */
  async sign(body: TransactionBody): Promise<BuiltTransaction> {
    const transaction = unsigned(body);
    return new Promise((resolve) => {
      this.#waiting.push({ transaction, resolve });
      if (this.#waiting.length === 1) this.#begin(gatherMs(this.gather.underWay(), this.gather.mostMs));
      else if (this.#waiting.length === TOGETHER && this.#timer) this.#begin(0);
    });
  }

  /** Nothing is under way any more: who waited for company has waited enough. */
  release(): void {
    if (this.#timer) this.#begin(0);
  }

  #begin(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = ms > 0 ? setTimeout(() => this.#signAll(), ms) : undefined;
    if (ms === 0) setImmediate(() => this.#signAll());
  }

  #signAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#timer = undefined;
    for (let from = 0; from < waiting.length; from += TOGETHER) {
      const some = waiting.slice(from, from + TOGETHER);
      const built = signTogether(
        some.map(({ transaction }) => transaction),
        this.privateKey,
      );
      some.forEach(({ resolve }, index) => resolve(built[index]!));
    }
  }
}

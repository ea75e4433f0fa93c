// Signs what is submitted in the same turn of the event loop together: one signature, and for validators one check, instead of many.
import type { TransactionBody } from '../types.js';
import { signTogether, unsigned, type BuiltTransaction, type UnsignedTransaction } from './buildTransaction.js';

/** More make the way to the root longer, and save hardly anything. */
const TOGETHER = 32;

interface Waiting {
  transaction: UnsignedTransaction;
  resolve(built: BuiltTransaction): void;
}

export class BatchSigner {
  #waiting: Waiting[] = [];

  constructor(private readonly privateKey: string) {}

  /** `body.sender` is the key's. Rejects with CanonicalJsonError. */
  async sign(body: TransactionBody): Promise<BuiltTransaction> {
    const transaction = unsigned(body);
    return new Promise((resolve) => {
      this.#waiting.push({ transaction, resolve });
      if (this.#waiting.length === 1) setImmediate(() => this.#signAll());
    });
  }

  #signAll(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
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

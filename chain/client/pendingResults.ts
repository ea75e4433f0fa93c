// Submissions whose result is not final yet: each is settled by the block that executes it, or by the height after which none can.
import { ChainError } from './chainError.js';
import type { FinalisedResult } from './types.js';

interface Pending {
  validUntil: number;
  resolve(result: FinalisedResult): void;
  reject(error: ChainError): void;
}

export class PendingResults {
  readonly #pending = new Map<string, Pending>();

  get size(): number {
    return this.#pending.size;
  }

  /** Rejects with ChainError 'Expired' or 'Stopped'; never when it is dropped. */
  expect(transactionId: string, validUntil: number): Promise<FinalisedResult> {
    const result = new Promise<FinalisedResult>((resolve, reject) => {
      this.#pending.set(transactionId, { validUntil, resolve, reject });
    });
    // Nobody may be waiting for it.
    result.catch(() => undefined);
    return result;
  }

  drop(transactionId: string): void {
    this.#pending.delete(transactionId);
  }

  /** In the order of the chain. */
  blockFinal(height: number, results: readonly FinalisedResult[]): void {
    for (const result of results) {
      this.#pending.get(result.transactionId)?.resolve(result);
      this.#pending.delete(result.transactionId);
    }
    for (const [id, { validUntil, reject }] of this.#pending) {
      if (height < validUntil) continue;
      this.#pending.delete(id);
      reject(new ChainError('Expired', `transaction ${id} was valid until block ${validUntil}, which was made without it; submit it again`));
    }
  }

  stop(): void {
    for (const { reject } of this.#pending.values()) reject(new ChainError('Stopped', 'the client was stopped'));
    this.#pending.clear();
  }
}

/** The result, or ChainError 'Timeout' when it takes longer; the transaction may be executed all the same. */
export function withTimeout(result: Promise<FinalisedResult>, transactionId: string, timeoutMs: number): Promise<FinalisedResult> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new ChainError('Timeout', `transaction ${transactionId} was not final within ${timeoutMs} ms; it may still be executed`)),
      timeoutMs,
    );
    result.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

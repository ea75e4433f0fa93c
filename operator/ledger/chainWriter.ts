// Sends a transaction and waits until it is verified final; a refusal by the ledger is an answer, not an error.
import type { ChainClient, FinalisedResult } from '../../chain/client/types.js';
import type { Payloads, TransactionType } from '../../chain/types.js';
import { describeError } from '../runtime/describeError.js';
import type { OperatorMetrics } from '../runtime/metrics.js';

const FINALITY_MS = 30_000;

export class ChainWriter {
  constructor(
    private readonly client: ChainClient,
    private readonly metrics: OperatorMetrics,
  ) {}

  /** Rejects with ChainError: Unreachable, Refused, Timeout or Expired. After those the transaction may still be executed: read the ledger again. */
  async send<T extends TransactionType>(type: T, payload: Payloads[T]): Promise<FinalisedResult> {
    const stopTimer = this.metrics.finalitySeconds.startTimer({ type });
    try {
      const submission = await this.client.submit(type, payload);
      const result = await submission.finalised(FINALITY_MS);
      this.metrics.transactions.inc({ type, code: result.code });
      stopTimer();
      return result;
    } catch (error) {
      this.metrics.transactions.inc({ type, code: describeError(error).code });
      throw error;
    }
  }
}

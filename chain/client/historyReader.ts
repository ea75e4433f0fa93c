// All receipts of an object, a namespace or an account between two heights: whole, or refused.
import { verifyStateProof } from '../../crypto/stateProof.js';
import { EMPTY_HISTORY, historyKey, type HistoryRecord } from '../../receipts/history.js';
import type { Statement } from '../../receipts/types.js';
import { verifyHistory, type HistoryRange } from '../../receipts/verify/verifyHistory.js';
import { historyAnswer } from './answers.js';
import { BehindError, type Validators } from './askValidators.js';
import { unverified, type HeaderChain } from './headerChain.js';

export class HistoryReader {
  constructor(
    private readonly validators: Validators,
    private readonly chain: HeaderChain,
  ) {}

  /** Oldest first. One validator's answer is enough, for it is proved to leave nothing out. Throws ChainError. */
  read(range: HistoryRange, timeoutMs: number): Promise<Statement[]> {
    const floor = Math.max(range.to, this.chain.started ? this.chain.head.height : 0);
    const query = new URLSearchParams({ scope: range.scope, from: String(range.from), to: String(range.to) });
    return this.validators.ask({
      path: `/v1/history?${query.toString()}`,
      timeoutMs,
      read: (body) => {
        const answer = historyAnswer(body, 'answer');
        this.chain.prove(answer);
        if (answer.header.height < floor) throw new BehindError(`at height ${answer.header.height}, ${floor} is needed`);
        const key = historyKey(range.scope);
        if (!verifyStateProof(answer.header.stateRoot, key, answer.value ?? undefined, answer.proof))
          throw unverified(`the proof of ${key} does not lead to the state root of block ${answer.header.height}`);
        const record = answer.value === null ? EMPTY_HISTORY : (JSON.parse(answer.value) as HistoryRecord);
        const verdict = verifyHistory(answer, range, record);
        if (!verdict.ok) throw unverified(verdict.message);
        return verdict.statements;
      },
    });
  }
}

// Fetches receipts and verifies each against the known validators before it is returned.
import type { ReceiptBundle } from '../../receipts/types.js';
import { verifyReceipt, type VerifiedReceipt } from '../../receipts/verify/verifyReceipt.js';
import type { Genesis } from '../types.js';
import { receiptsAnswer } from './answers.js';
import type { Validators } from './askValidators.js';
import { ChainError } from './chainError.js';
import { unverified } from './headerChain.js';
import type { Timing } from './timing.js';

export interface ReceiptSubject {
  kind: string;
  namespace?: string;
  name: string;
}
interface Found {
  bundle: ReceiptBundle;
  verified: VerifiedReceipt;
}

const GRACE_MS = 100;

export class ReceiptReader {
  constructor(
    private readonly validators: Validators,
    private readonly genesis: Pick<Genesis, 'chainId' | 'validatorSet'>,
    private readonly timing: Timing,
  ) {}

  async receipt(receiptId: string): Promise<ReceiptBundle> {
    return this.validators.ask({
      path: `/v1/receipts/${encodeURIComponent(receiptId)}`,
      timeoutMs: this.timing.callMs,
      read: (body) => {
        const { bundle, verified } = this.#verify(body);
        const { receiptId: found } = verified.statement.predicate;
        if (found !== receiptId) throw unverified(`the receipt that was answered is ${found}`);
        return bundle;
      },
    });
  }

  /** What f+1 validators know between them (or all that were configured, where those are fewer), newest first: an honest one leaves nothing out. */
  async receiptsFor(subject: ReceiptSubject, limit: number): Promise<ReceiptBundle[]> {
    const query = new URLSearchParams({ kind: subject.kind, namespace: subject.namespace ?? '', name: subject.name, limit: String(limit) });
    const question = {
      path: `/v1/receipts?${query.toString()}`,
      timeoutMs: this.timing.callMs,
      read: (body: unknown) => receiptsAnswer(body, 'answer').receipts.map((receipt) => this.#about(subject, receipt)),
    };
    const enough = this.validators.enough;
    const { answers, faults } = await this.validators.askAll(question, enough, GRACE_MS);
    if (answers.length < enough) {
      const { message, details } = this.validators.failure(question, faults);
      throw new ChainError('Unreachable', `${answers.length} validators answered, ${enough} are needed: ${message}`, details);
    }
    const byId = new Map(answers.flat().map((found) => [found.verified.statement.predicate.receiptId, found]));
    const place = ({ verified }: Found) => [verified.height, verified.statement.predicate.index] as const;
    const newestFirst = (a: Found, b: Found) => place(b)[0] - place(a)[0] || place(b)[1] - place(a)[1];
    return [...byId.values()]
      .toSorted(newestFirst)
      .slice(0, limit)
      .map(({ bundle }) => bundle);
  }

  #about({ kind, namespace = '', name }: ReceiptSubject, receipt: unknown): Found {
    const found = this.#verify(receipt);
    const { object } = found.verified.statement.predicate;
    if (object?.kind !== kind || (object.namespace ?? '') !== namespace || object.name !== name)
      throw unverified(`a receipt about ${object?.kind} ${object?.name} was answered for ${kind} ${name}`);
    return found;
  }

  #verify(value: unknown): Found {
    const bundle = value as ReceiptBundle;
    const verified = verifyReceipt(bundle, this.genesis);
    if (!verified.ok) throw unverified(verified.message);
    return { bundle, verified };
  }
}

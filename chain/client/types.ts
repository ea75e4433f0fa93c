// What a program may ask of the chain without trusting any validator: every answer is checked against a certificate before it is returned.
import type { PolicySet } from '../../policy/types.js';
import type { BlockHeader, ReceiptBundle, Statement } from '../../receipts/types.js';
import type { HistoryRange } from '../../receipts/verify/verifyHistory.js';
import type { Acknowledgement, FinalisedBlock, Payloads, TransactionResult, TransactionType } from '../types.js';

export interface FinalisedResult extends TransactionResult {
  height: number;
  index: number;
}

/** `receiptId` is known at once (it is the transaction's id); the receipt exists when `finalised` resolves. */
export interface Submission {
  receiptId: string;
  operationId: string;
  /** At least f+1 distinct validators' signed, verified acknowledgements. */
  acknowledgements: Acknowledgement[];
  /** Resolves with the verified result; rejects with ChainError code 'Timeout' or 'Expired'. */
  finalised(timeoutMs?: number): Promise<FinalisedResult>;
}

export interface VerifiedState<T> {
  value: T | undefined;
  /** Height of the header that proves it. */
  height: number;
}

/** Errors are ChainError with code: Unreachable (fewer than f+1 validators answered), Refused (validators refused it; has their code and reason), Timeout, Expired, Unverified (no answer verified), NotFound (f+1 validators have none), NoKey, NotStarted, Stopped. */
export interface ChainClient {
  readonly chainId: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Latest verified header. */
  head(): BlockHeader;
  /** Signs, sends to the validators in parallel, resolves on f+1 valid acknowledgements. Nothing is sent with no key configured: ChainError 'NoKey'. */
  submit<T extends TransactionType>(type: T, payload: Payloads[T], options?: { operationId?: string; timeoutMs?: number }): Promise<Submission>;
  /** Reads one state record with its proof; `minHeight` waits until a header at least that high proves it. */
  getState<T>(key: string, options?: { minHeight?: number; timeoutMs?: number }): Promise<VerifiedState<T>>;
  /** Keys under a prefix with values. Each value is proved; that no key was left out is not (said in the docs). */
  listState<T>(prefix: string): Promise<{ key: string; value: T }[]>;
  /** The verified policy set in force at the verified head, kept up to date from blocks; synchronous once started. */
  policySet(): PolicySet;
  /** Finalised, verified blocks in order, from the next one on (or from a height). Returns the unsubscribe function. */
  onBlock(listener: (block: FinalisedBlock) => void, fromHeight?: number): () => void;
  receipt(receiptId: string): Promise<ReceiptBundle>;
  /** All receipts of a scope (receipts/history.ts) in a range of final heights, oldest first, proved to be all. */
  history(range: HistoryRange): Promise<Statement[]>;
  /** Receipts about one object, newest first. */
  receiptsFor(object: { kind: string; namespace?: string; name: string }, limit?: number): Promise<ReceiptBundle[]>;
}

// What one operation is given and what it yields; each module of the ledger lists its operations in this form.
import type { PolicySet } from '../../policy/types.js';
import type { Genesis, ObjectReference, Payloads, PolicySetPointer, Role, SignedTransaction, TransactionResult, TransactionType } from '../types.js';
import type { Parameters } from './parameters/parameters.js';
import type { Overlay } from './state.js';

/** What all operations of a block share. */
export interface BlockContext {
  genesis: Genesis;
  height: number;
  /** Block time, ms since the epoch. */
  timestamp: number;
  previousTimestamp: number;
  /** Of the previous block, hex: what nobody knew before it was certified. */
  previousHash: string;
  /** In force in this block. */
  parameters: Parameters;
  /** The policy set that judges this block: the one that was current before it (ADR 2). */
  policy: { pointer: PolicySetPointer; set: PolicySet };
}

export interface Operation<T extends TransactionType = TransactionType> {
  id: string;
  body: SignedTransaction<T>['body'];
  payload: Payloads[T];
  /** Of the sender. */
  roles: readonly Role[];
  /** Dropped when the operation throws a Refusal. */
  state: Overlay;
  block: BlockContext;
}

/** `object` and `transactionId` are added by the executor. */
export type Effect = Pick<TransactionResult, 'outcome' | 'code' | 'reason' | 'details'>;

export interface OperationKind<T extends TransactionType> {
  /** Any of these may send it; 'anybody' with an account. */
  roles: readonly Role[] | 'anybody';
  /** What its receipt is about. */
  object: (payload: Payloads[T], state: Overlay, sender: string) => ObjectReference;
  /** What it costs beside its receipt, when it does what it asks; µBPI. */
  fee?: (parameters: Parameters) => number;
  /** Throws Refusal. */
  execute: (operation: Operation<T>) => Effect;
}
export type OperationTable<T extends TransactionType = TransactionType> = { [K in T]: OperationKind<K> };

export function applied(code: string, reason: string, details?: unknown): Effect {
  return { outcome: 'applied', code, reason, ...(details === undefined ? {} : { details }) };
}

export function clusterObject(kind: string): (payload: { name: string; uid?: string }) => ObjectReference {
  return ({ name, uid = '' }) => ({ kind, namespace: '', name, uid });
}

/** An operation about the sender's own account. */
export function accountObject(_payload: unknown, _state: Overlay, sender: string): ObjectReference {
  return { kind: 'Account', namespace: '', name: sender, uid: '' };
}

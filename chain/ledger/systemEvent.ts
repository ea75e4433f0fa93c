// What the ledger does by itself, because its time has come, has a receipt too: after those of the block's transactions, made by every validator alike (agreement 3.2).
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import type { BuiltStatement } from '../../receipts/write/buildStatement.js';
import type { ObjectReference } from '../types.js';
import type { BlockContext, Effect } from './operation.js';
import { receiptStatement } from './receiptOf.js';

export interface SystemEvent extends Effect {
  /** As a transaction's type: what happened to what. */
  type: string;
  object: ObjectReference;
}
/** Nobody sent it. */
export const LEDGER_ACTOR = '0'.repeat(64);

export function event(type: string, object: { kind: string; name: string }, code: string, reason: string, details?: unknown): SystemEvent {
  return { type, object: { namespace: '', uid: '', ...object }, outcome: 'applied', code, reason, ...(details === undefined ? {} : { details }) };
}

/** `index` = its place among the block's receipts. The id follows from chain, height and place. */
export function receiptOfEvent({ type, object, ...effect }: SystemEvent, index: number, block: BlockContext): BuiltStatement {
  const id = sha256OfJson({ chainId: block.genesis.chainId, height: block.height, index, type, object });
  const operationId = id.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return receiptStatement({ id, operationId, type, actor: LEDGER_ACTOR }, index, { transactionId: id, ...effect, object }, block);
}

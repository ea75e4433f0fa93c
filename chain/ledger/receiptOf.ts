// The receipt of an executed operation: what every validator appends to the log (agreement 3.1; ADR 1).
import { cutText, buildStatement, StatementError, type BuiltStatement, type OperationFacts } from '../../receipts/write/buildStatement.js';
import type { ReceiptObject, ResourceUsage } from '../../receipts/types.js';
import type { ObjectReference, Payloads, TransactionBody, TransactionResult } from '../types.js';
import type { BlockContext } from './operation.js';
import type { ReadTransaction } from './transactionReader.js';

const MAX_DETAIL_TEXT = 1_024;

export function receiptOf({ id, transaction: { body } }: ReadTransaction, index: number, result: TransactionResult, block: BlockContext): BuiltStatement {
  return receiptStatement({ id, operationId: body.operationId, type: body.type, actor: body.sender, usage: usageOf(body) }, index, result, block);
}

/** What the operator measured of a pod, with the report of its end; nobody else measures anything. */
function usageOf({ type, payload }: TransactionBody): ResourceUsage | undefined {
  return type === 'placement.transition' ? (payload as Payloads['placement.transition']).usage : undefined;
}

/** `id` is the receipt's, and the hash of what was executed. */
export function receiptStatement(
  { id, operationId, type, actor, usage }: { id: string; operationId: string; type: string; actor: string; usage?: ResourceUsage | undefined },
  index: number,
  result: TransactionResult,
  block: BlockContext,
): BuiltStatement {
  const facts: OperationFacts = {
    actor,
    blockHeight: block.height,
    chainId: block.genesis.chainId,
    code: result.code,
    details: result.details,
    index,
    object: result.object && receiptObject(result.object),
    operationHash: id,
    operationId,
    operationType: type,
    outcome: result.outcome,
    reason: result.reason,
    receiptId: id,
    resourceUsage: usage ?? null,
    timestamp: block.timestamp,
  };
  try {
    return buildStatement(facts);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return buildStatement({ ...facts, details: { leftOut: cutText(error.message, MAX_DETAIL_TEXT) } });
  }
}

function receiptObject({ kind, namespace, name, uid }: ObjectReference): ReceiptObject {
  return { kind, name, namespace: namespace === '' ? undefined : namespace, uid: uid === '' ? undefined : uid };
}

// The receipt of an executed operation: what every validator appends to the log (agreement 3.1; ADR 1).
import { cutText, buildStatement, StatementError, type BuiltStatement, type OperationFacts } from '../../receipts/write/buildStatement.js';
import type { ReceiptObject } from '../../receipts/types.js';
import type { ObjectReference, TransactionResult } from '../types.js';
import type { BlockContext } from './operation.js';
import type { ReadTransaction } from './transactionReader.js';

const MAX_DETAIL_TEXT = 1_024;

export function receiptOf(
  { id, transaction: { body } }: ReadTransaction,
  index: number,
  result: TransactionResult,
  block: BlockContext,
): BuiltStatement {
  const facts: OperationFacts = {
    chainId: block.genesis.chainId,
    receiptId: id,
    operationId: body.operationId,
    operationType: body.type,
    timestamp: block.timestamp,
    blockHeight: block.height,
    index,
    outcome: result.outcome,
    code: result.code,
    reason: result.reason,
    ...(result.object ? { object: receiptObject(result.object) } : {}),
    actor: body.sender,
    operationHash: id,
    ...(result.details === undefined ? {} : { details: result.details }),
  };
  try {
    return buildStatement(facts);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return buildStatement({ ...facts, details: { leftOut: cutText(error.message, MAX_DETAIL_TEXT) } });
  }
}

function receiptObject({ kind, namespace, name, uid }: ObjectReference): ReceiptObject {
  return { kind, name, ...(namespace === '' ? {} : { namespace }), ...(uid === '' ? {} : { uid }) };
}

// Checks the body of a block against its header: the transactions, and the receipts that it appends to the log (RFC 9162 roots).
import { toHex } from '../../crypto/encoding.js';
import type { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { leafHashOfText, merkleRoot } from '../../receipts/merkle/treeHash.js';
import { statementShape } from '../../receipts/receiptShapes.js';
import { ShapeError } from '../../receipts/shape.js';
import type { Statement } from '../../receipts/types.js';
import type { FinalisedBlock } from '../types.js';
import { unverified } from './headerChain.js';
import type { FinalisedResult } from './types.js';

export interface VerifiedBody {
  /** Of the log after the block. */
  frontier: MerkleFrontier;
  results: FinalisedResult[];
}

/**
 * `frontier` is of the log before the block; it need not be trusted, for a wrong one does not lead to the header's root.
 * The header's certificate is not checked here. Throws ChainError 'Unverified'.
 */
export function verifyBody(block: FinalisedBlock, frontier: MerkleFrontier): VerifiedBody {
  const { header, transactions, statements } = block;
  // One for each transaction, then those of what the ledger did by itself.
  if (statements.length < transactions.length)
    throw unverified(`block ${header.height} has ${transactions.length} transactions and ${statements.length} receipts`);
  const root = toHex(merkleRoot(transactions.map(leafHashOfText)));
  if (root !== header.transactionsRoot) throw unverified(`the transactions of block ${header.height} are not those of its header`);
  const after = frontier.clone();
  for (const statement of statements) after.append(leafHashOfText(statement));
  if (after.size !== header.logSize || toHex(after.root()) !== header.logRoot)
    throw unverified(`the receipts of block ${header.height} do not lead to the log root of its header`);
  return { frontier: after, results: statements.map((statement, index) => resultOf(statement, header.height, index)) };
}

function resultOf(payload: string, height: number, index: number): FinalisedResult {
  const { predicate } = readStatement(payload, height, index);
  const { receiptId, outcome, code, reason, object, details } = predicate;
  if (predicate.blockHeight !== height || predicate.index !== index)
    throw unverified(`receipt ${index} of block ${height} says that it is receipt ${predicate.index} of block ${predicate.blockHeight}`);
  return {
    transactionId: receiptId,
    outcome,
    code,
    reason,
    ...(object ? { object: { kind: object.kind, namespace: object.namespace ?? '', name: object.name, uid: object.uid ?? '' } } : {}),
    ...(details === undefined ? {} : { details }),
    height,
    index,
  };
}

function readStatement(payload: string, height: number, index: number): Statement {
  try {
    return statementShape(JSON.parse(payload), 'statement');
  } catch (cause) {
    if (cause instanceof ShapeError || cause instanceof SyntaxError)
      throw unverified(`receipt ${index} of block ${height} is no statement: ${cause.message}`);
    throw cause;
  }
}

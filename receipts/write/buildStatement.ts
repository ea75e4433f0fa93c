// Makes the statement of one operation: every validator gets the same bytes from the same facts, for they are the log's leaf.
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { fromUtf8, isWellFormed, utf8 } from '../../crypto/encoding.js';
import { leafHashOfText } from '../merkle/treeHash.js';
import { MAX_STATEMENT_BYTES, statementShape } from '../receiptShapes.js';
import {
  MAX_REASON_BYTES,
  RECEIPT_PREDICATE_TYPE,
  STATEMENT_TYPE,
  type ReceiptObject,
  type ReceiptPredicate,
  type ResourceUsage,
  type Statement,
} from '../types.js';

/** What the ledger knows of one executed operation. `reason` may be of any length and is cut to MAX_REASON_BYTES. */
export interface OperationFacts extends Omit<ReceiptPredicate, 'immutable' | 'resourceUsage'> {
  /** Left out or null when it was not measured. */
  resourceUsage?: ResourceUsage | null;
}

export interface BuiltStatement {
  statement: Statement;
  /** Canonical JSON: the leaf data, and the payload of the envelope. */
  payload: string;
  leafHash: Uint8Array;
}

export class StatementError extends Error {
  override readonly name = 'StatementError';
  readonly code = 'TooLarge';
}

/**
 * Throws ShapeError or CanonicalJsonError when the facts are not what types.ts says, and StatementError when `details` make
 * the statement larger than a log entry can be.
 */
export function buildStatement(facts: OperationFacts): BuiltStatement {
  const { actor, blockHeight, chainId, code, details, index, object, operationHash, operationId, operationType, outcome, ...others } = facts;
  const { reason, receiptId, resourceUsage = null, timestamp, ...unknown } = others;
  // In the order of canonical JSON, which is then written without a copy.
  const predicate: ReceiptPredicate = {
    ...unknown,
    actor,
    blockHeight,
    chainId,
    code,
    details,
    immutable: true,
    index,
    object,
    operationHash,
    operationId,
    operationType,
    outcome,
    reason: cutText(reason, MAX_REASON_BYTES),
    receiptId,
    resourceUsage,
    timestamp,
  };
  const statement: Statement = {
    _type: STATEMENT_TYPE,
    predicate,
    predicateType: RECEIPT_PREDICATE_TYPE,
    subject: [{ digest: { sha256: operationHash }, name: subjectName(facts) }],
  };
  statementShape(statement, 'statement');
  const payload = canonicalJson(statement);
  const bytes = Buffer.byteLength(payload);
  if (bytes > MAX_STATEMENT_BYTES) {
    throw new StatementError(
      `the statement of ${subjectName(facts)} has ${bytes} bytes, at most ${MAX_STATEMENT_BYTES} fit a log entry; shorten its details`,
    );
  }
  return { statement, payload, leafHash: leafHashOfText(payload) };
}

/** The object as kind/namespace/name, else the operation; the digest is that of the transaction. */
function subjectName({ object, operationId }: { object?: ReceiptObject; operationId: string }): string {
  if (object === undefined) return `operation/${operationId}`;
  return [object.kind, object.namespace, object.name].filter((part) => part !== undefined && part !== '').join('/');
}

/** At most `maxBytes` of UTF-8, cut between characters; a cut text ends in an ellipsis. Half surrogate pairs become U+FFFD. */
export function cutText(text: string, maxBytes: number): string {
  // No text has more than three bytes for each of its characters.
  if (3 * text.length <= maxBytes && isWellFormed(text)) return text;
  const bytes = utf8(text);
  if (bytes.length <= maxBytes) return fromUtf8(bytes);
  const ellipsis = '…';
  let end = maxBytes - utf8(ellipsis).length;
  while ((bytes[end]! & 0xc0) === 0x80) end -= 1;
  return fromUtf8(bytes.subarray(0, end)) + ellipsis;
}

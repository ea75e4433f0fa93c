// One transaction: its bytes, its identity, its signature, and the checks that need nothing but itself (chain/types.ts; ADR 1).
import { canonicalJson, CanonicalJsonError, isCanonicalJson, sha256OfJson } from '../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { sha256Hex } from '../../crypto/hash.js';
import { hex, integer, literal, object, ShapeError, text, type Shape } from '../../receipts/shape.js';
import { batchPlaceShape, batchRoot, transactionsMessage } from '../batchSignature.js';
import type { SignedTransaction, TransactionBody, TransactionType } from '../types.js';
import { LedgerError } from './ledgerError.js';
import { payloadShapes } from './payloadShapes.js';
import { uuid } from './shapes.js';

/** Of UTF-8. */
export const MAX_TRANSACTION_BYTES = 256 * 1024;
const SIGNATURE_TAG = concatBytes(utf8('enc-transaction-v1'), Uint8Array.of(0));
const SIGNATURE_MEMBER = ',"signature":""}'.length + 128;

const typeShape = literal(...(Object.keys(payloadShapes) as TransactionType[]));
const envelope = object(
  {
    body: object({
      chainId: text(1, 128),
      type: typeShape,
      operationId: uuid,
      sender: hex(32),
      validUntil: integer(),
      payload: ((value) => value) as Shape<unknown>,
    }),
    signature: hex(64),
  },
  { batch: batchPlaceShape },
);

/** sha256 of the body's canonical JSON, hex: also the id of the transaction's receipt. */
export function transactionId(body: TransactionBody): string {
  return sha256OfJson(body);
}

/** The bytes that the sender signs. */
export function transactionMessage(id: string): Uint8Array {
  return concatBytes(SIGNATURE_TAG, fromHex(id, 32));
}

/** `privateKey` = the Ed25519 seed of `body.sender`, hex. */
export function signTransaction<T extends TransactionType>(body: TransactionBody<T>, privateKey: string): SignedTransaction<T> {
  return { body, signature: toHex(signEd25519(privateKey, transactionMessage(transactionId(body)))) };
}

/** The one form in which a transaction travels and stands in blocks. */
export function encodeTransaction(transaction: SignedTransaction): string {
  return canonicalJson(transaction);
}

/** Checks size, form and shape, not the signature. */
export function parseTransaction(raw: string): SignedTransaction | LedgerError {
  const bytes = Buffer.byteLength(raw);
  if (bytes > MAX_TRANSACTION_BYTES)
    return new LedgerError('TooLarge', `the transaction has ${bytes} bytes, at most ${MAX_TRANSACTION_BYTES} are taken; shorten its payload`);
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch (cause) {
    return new LedgerError('NotJson', `the transaction is no JSON: ${(cause as Error).message}`, undefined, { cause });
  }
  try {
    const { body } = envelope(value, 'transaction');
    payloadShapes[body.type](body.payload, 'transaction.body.payload');
    if (isCanonicalJson(raw, value)) return value as SignedTransaction;
    return new LedgerError(
      'NotCanonical',
      'the transaction is not written as canonical JSON (RFC 8785); encode it with sorted members and no spaces',
    );
  } catch (cause) {
    if (cause instanceof ShapeError) return new LedgerError('Malformed', cause.message, cause.path.replace(/^transaction\./, ''), { cause });
    if (cause instanceof CanonicalJsonError) return new LedgerError('Malformed', cause.message, cause.path.replace(/^\$\./, ''), { cause });
    throw cause;
  }
}

/** The same as transactionId of what was parsed from `raw`: the body's canonical JSON is a part of the transaction's. */
export function idOfParsed(raw: string, { batch }: SignedTransaction): string {
  const from = batch === undefined ? '{"body":'.length : raw.indexOf('},"body":') + '},"body":'.length;
  return sha256Hex(raw.slice(from, -SIGNATURE_MEMBER));
}

/** What the signature has to be over; undefined when the place in its batch is none. */
export function signedMessage({ batch }: SignedTransaction, id: string): Uint8Array | undefined {
  if (batch === undefined) return transactionMessage(id);
  const root = batchRoot(id, batch);
  return root && transactionsMessage(batch.size, root);
}

export function verifySignature(transaction: SignedTransaction, id: string): boolean {
  const message = signedMessage(transaction, id);
  return message !== undefined && verifyEd25519(transaction.body.sender, message, fromHex(transaction.signature, 64));
}

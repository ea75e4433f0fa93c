// Signs transactions in the one form in which they travel, one alone or several with one signature (chain/types.ts; ADR 1, 7).
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { signEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { sha256Hex } from '../../crypto/hash.js';
import { makeBatch, transactionsMessage } from '../batchSignature.js';
import type { TransactionBody } from '../types.js';

const TAG = concatBytes(utf8('enc-transaction-v1'), Uint8Array.of(0));

export interface BuiltTransaction {
  /** sha256 of the body's canonical JSON: also the id of its receipt. */
  id: string;
  /** Canonical JSON of the signed transaction. */
  raw: string;
}

export interface UnsignedTransaction {
  id: string;
  /** Canonical JSON of the body. */
  text: string;
}

/** Throws CanonicalJsonError when the payload holds what has no exact JSON form. */
export function unsigned(body: TransactionBody): UnsignedTransaction {
  const text = canonicalJson(body);
  return { id: sha256Hex(text), text };
}

/** Throws CanonicalJsonError. */
export function buildTransaction(body: TransactionBody, privateKey: string): BuiltTransaction {
  return signOne(unsigned(body), privateKey);
}

/** Of one sender, each with its place in the batch; at most MAX_BATCH. */
export function signTogether(transactions: readonly UnsignedTransaction[], privateKey: string): BuiltTransaction[] {
  if (transactions.length < 2) return transactions.map((one) => signOne(one, privateKey));
  const { root, places } = makeBatch(transactions.map(({ id }) => id));
  const signature = toHex(signEd25519(privateKey, transactionsMessage(transactions.length, root)));
  return transactions.map(({ id, text }, index) => ({ id, raw: `{"batch":${canonicalJson(places[index])},"body":${text},"signature":"${signature}"}` }));
}

function signOne({ id, text }: UnsignedTransaction, privateKey: string): BuiltTransaction {
  const signature = toHex(signEd25519(privateKey, concatBytes(TAG, fromHex(id))));
  return { id, raw: `{"body":${text},"signature":"${signature}"}` };
}

// Signs a transaction in the one form in which it travels (chain/types.ts; ADR 1).
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { signEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { sha256Hex } from '../../crypto/hash.js';
import type { TransactionBody } from '../types.js';

const TAG = concatBytes(utf8('enc-transaction-v1'), Uint8Array.of(0));

export interface BuiltTransaction {
  /** sha256 of the body's canonical JSON: also the id of its receipt. */
  id: string;
  /** Canonical JSON of {body, signature}. */
  raw: string;
}

/** Throws CanonicalJsonError when the payload holds what has no exact JSON form. */
export function buildTransaction(body: TransactionBody, privateKey: string): BuiltTransaction {
  const text = canonicalJson(body);
  const id = sha256Hex(text);
  const signature = toHex(signEd25519(privateKey, concatBytes(TAG, fromHex(id))));
  return { id, raw: `{"body":${text},"signature":"${signature}"}` };
}

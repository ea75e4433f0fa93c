// A validator's signed promise that it has durably taken a transaction (chain/types.ts, Acknowledgement).
import { verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import type { ValidatorSet } from '../../receipts/types.js';
import { LRUCache } from 'lru-cache';
import { acknowledgementsMessage, batchRoot } from '../batchSignature.js';
import type { Acknowledgement } from '../types.js';

const ZERO = Uint8Array.of(0);
const TAG = concatBytes(utf8('enc-ack-v1'), ZERO);

/** utf8('enc-ack-v1') ‖ 0x00 ‖ utf8(chainId) ‖ 0x00 ‖ id bytes */
export function acknowledgementMessage(chainId: string, transactionId: string): Uint8Array {
  return concatBytes(TAG, utf8(chainId), ZERO, fromHex(transactionId, 32));
}

/** False on anything malformed; the height in it is informative, for it is not signed. */
export function verifyAcknowledgement(
  chainId: string,
  { validators }: ValidatorSet,
  { transactionId, validator, signature, batch }: Acknowledgement,
): boolean {
  const key = validators[validator]?.ed25519PublicKey;
  if (key === undefined) return false;
  if (batch === undefined) return verifyEd25519(key, acknowledgementMessage(chainId, transactionId), fromHex(signature));
  const root = batchRoot(transactionId, batch);
  return root !== undefined && verifyBatch(key, acknowledgementsMessage(chainId, batch.size, root), signature);
}

/** The signature over a batch is checked once. */
const checked = new LRUCache<string, boolean>({ max: 1_024 });

function verifyBatch(publicKey: string, message: Uint8Array, signature: string): boolean {
  const key = `${publicKey}${signature}${toHex(message)}`;
  const known = checked.get(key);
  if (known !== undefined) return known;
  const good = verifyEd25519(publicKey, message, fromHex(signature));
  checked.set(key, good);
  return good;
}

// ECDSA on P-256 with SHA-256 by OpenSSL, in one form only, so that all validators agree: keys as x ‖ y, signatures as r ‖ s.
import { createPublicKey, verify } from 'node:crypto';
import { fromHex } from './encoding.js';

const KEY_BYTES = 64;
const SIGNATURE_BYTES = 64;
/** SubjectPublicKeyInfo of an uncompressed P-256 point, up to x (RFC 5480). */
export const P256_SPKI_PREFIX = '3059301306072a8648ce3d020106082a8648ce3d03010703420004';

/** False on anything that is not a valid signature, malformed keys included; never throws. */
export function verifyEcdsaP256(publicKeyHex: string, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKeyHex.length !== 2 * KEY_BYTES) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(fromHex(P256_SPKI_PREFIX + publicKeyHex)), format: 'der', type: 'spki' });
    return verify('sha256', message, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

// What members of a validator set sign to change it (ADR 6).
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { concatBytes, fromHex, utf8 } from '../../../crypto/encoding.js';
import type { UnsignedValidatorsChange } from '../../types.js';

const ZERO = Uint8Array.of(0);
const TAG = concatBytes(utf8('enc-validators-change-v1'), ZERO);

/** utf8('enc-validators-change-v1') ‖ 0x00 ‖ utf8(chain id) ‖ 0x00 ‖ sha256 of the change without its signatures */
export function changeMessage(chainId: string, { expectedSetHash, expectedSince, add, remove, reason }: UnsignedValidatorsChange): Uint8Array {
  const hash = sha256OfJson({ expectedSetHash, expectedSince, add, remove, reason });
  return concatBytes(TAG, utf8(chainId), ZERO, fromHex(hash, 32));
}

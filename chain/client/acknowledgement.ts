// A validator's signed promise that it has durably taken a transaction (chain/types.ts, Acknowledgement).
import { verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, utf8 } from '../../crypto/encoding.js';
import type { ValidatorSet } from '../../receipts/types.js';
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
  { transactionId, validator, signature }: Acknowledgement,
): boolean {
  const member = validators[validator];
  return member !== undefined && verifyEd25519(member.ed25519PublicKey, acknowledgementMessage(chainId, transactionId), fromHex(signature));
}

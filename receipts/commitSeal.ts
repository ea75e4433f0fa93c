// The commit seal: what each validator signs with its BLS key to finalise a block, and how bad seals among many are found.
import { bls } from '../crypto/bls.js';
import { concatBytes, fromHex, u32be, u64be, utf8 } from '../crypto/encoding.js';
import { sha256 } from '../crypto/hash.js';
import type { ValidatorSet } from './types.js';

const TAG = concatBytes(utf8('enc-commit-v1'), Uint8Array.of(0));
const SEAL_BYTES = 96;

/** `seal` = BLS signature over commitSealMessage, hex. */
export interface CommitSeal {
  validator: number;
  seal: string;
}

/** utf8('enc-commit-v1') ‖ 0x00 ‖ sha256(chainId) ‖ u64be(height) ‖ u32be(round) ‖ blockHash */
export function commitSealMessage(chainId: string, height: number, round: number, blockHash: string): Uint8Array {
  return concatBytes(TAG, sha256(utf8(chainId)), u64be(height), u32be(round), fromHex(blockHash, 32));
}

/** One seal; false on anything malformed. */
export function verifyCommitSeal(set: ValidatorSet, message: Uint8Array, { validator, seal }: CommitSeal): boolean {
  const member = set.validators[validator];
  const signature = sealBytes(seal);
  return member !== undefined && signature !== undefined && bls.verify(member.blsPublicKey, message, signature);
}

/** Parts many seals over one message: one aggregate check when all are good, bisection when not. Order is kept. */
export function partitionSeals(set: ValidatorSet, message: Uint8Array, seals: CommitSeal[]): { valid: CommitSeal[]; invalid: CommitSeal[] } {
  if (seals.length === 0) return { valid: [], invalid: [] };
  if (seals.length === 1) return verifyCommitSeal(set, message, seals[0]!) ? { valid: seals, invalid: [] } : { valid: [], invalid: seals };
  if (allValid(set, message, seals)) return { valid: seals, invalid: [] };
  const middle = seals.length >> 1;
  const left = partitionSeals(set, message, seals.slice(0, middle));
  const right = partitionSeals(set, message, seals.slice(middle));
  return { valid: [...left.valid, ...right.valid], invalid: [...left.invalid, ...right.invalid] };
}

// Two bad seals can cancel each other out in the sum; the certificate built from them is valid all the same, so that is no fault here.
function allValid(set: ValidatorSet, message: Uint8Array, seals: CommitSeal[]): boolean {
  const keys = seals.map(({ validator }) => set.validators[validator]?.blsPublicKey ?? '');
  const signatures = seals.map(({ seal }) => sealBytes(seal)).filter((signature) => signature !== undefined);
  if (signatures.length !== seals.length) return false;
  try {
    return bls.verifyAggregate(keys, message, bls.aggregate(signatures));
  } catch {
    return false;
  }
}

function sealBytes(seal: string): Uint8Array | undefined {
  try {
    return fromHex(seal, SEAL_BYTES);
  } catch {
    return undefined;
  }
}

// Where a key stands in a validator set.
import type { ValidatorSet } from '../../receipts/types.js';

/** null when it is no member. */
export function indexIn({ validators }: ValidatorSet, ed25519PublicKey: string): number | null {
  const index = validators.findIndex((validator) => validator.ed25519PublicKey === ed25519PublicKey);
  return index < 0 ? null : index;
}

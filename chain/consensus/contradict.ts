// When two messages of one validator prove that it is faulty: a correct one says one thing of each type in each round.
import { sameClaim } from './justification.js';
import type { Signed } from './types.js';

/** Same signer, type, height and round, and two things said. That both signatures are good is for the caller to check. */
export function contradict(first: Signed, second: Signed): boolean {
  const [a, b] = [first.payload, second.payload];
  if (first.from !== second.from || a.height !== b.height || a.round !== b.round) return false;
  if (a.type === 'roundChange') return b.type === 'roundChange' && !sameClaim(a, b);
  return a.type === b.type && a.digest !== b.digest;
}

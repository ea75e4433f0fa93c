// When two messages of one validator prove that it is faulty: a correct one says one thing of each type in each round.
import type { Payload, Signed } from './types.js';

/** So many different things said of one type in one height and round are no mistake of whoever runs it (a key used twice says two): an attack, that costs every other validator a check of each. */
export const FLOOD = 16;

/** What a message says; two of one signer, type, height and round that differ in it contradict each other. */
export function claimOf(payload: Payload): string {
  return payload.type === 'roundChange' ? `${payload.preparedRound}/${payload.preparedDigest}` : payload.digest;
}

/** Same signer, type, height and round, and two things said. That both signatures are good is for the caller to check. */
export function contradict(first: Signed, second: Signed): boolean {
  const [a, b] = [first.payload, second.payload];
  if (first.from !== second.from || a.height !== b.height || a.round !== b.round) return false;
  return a.type === b.type && claimOf(a) !== claimOf(b);
}

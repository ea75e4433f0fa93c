// Certificates that were found good, or made here of seals that were: when one is met again, its pairing is not computed again.
import { LRUCache } from 'lru-cache';
import type { Certificate } from './types.js';

/** By what was signed and by whom, to their one signature over it; a block's hash names its chain and its validators. Dropping an entry changes no answer. */
const known = new LRUCache<string, string>({ max: 4_096 });

const signed = ({ blockHash, round, signers }: Certificate): string => `${blockHash} ${round} ${signers}`;

/** To be asked only of a certificate that belongs to its header and set. */
export function isKnownGood(certificate: Certificate): boolean {
  return known.get(signed(certificate)) === certificate.signature;
}

/** `certificate` is one of good seals, by the set that its block names. */
export function noteGood(certificate: Certificate): void {
  known.set(signed(certificate), certificate.signature);
}

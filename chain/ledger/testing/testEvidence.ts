// Consensus messages signed by the validators of the tests' genesis, contradicting each other as a test likes.
import { signEd25519 } from '../../../crypto/ed25519.js';
import { toHex } from '../../../crypto/encoding.js';
import { sha256Hex } from '../../../crypto/hash.js';
import { signingInput } from '../../consensus/signing.js';
import type { Payload, Signed } from '../../consensus/types.js';
import type { EvidencePayloads } from '../../evidenceTypes.js';
import { validators } from './testGenesis.js';

export function signedBy(from: number, payload: Payload, { chainId = 'enc-test', key = validators.ed25519Keys[from]! } = {}): Signed {
  return { from, payload, signature: toHex(signEd25519(key, signingInput(chainId, payload))) };
}

/** So many prepares of one height and round, each for another block. */
export function floodOf(from: number, count: number, height = 1, changes: (index: number) => Partial<Payload> = () => ({})): Signed[] {
  return Array.from({ length: count }, (_, i) => signedBy(from, { type: 'prepare', height, round: 0, digest: sha256Hex(`block ${i}`), ...changes(i) } as Payload));
}

/** Of two blocks at one height and round. */
export function doubleVote(from: number, type: 'proposal' | 'prepare', height = 1, round = 0, chainId?: string): EvidencePayloads['evidence.report'] {
  const vote = (block: string) => signedBy(from, { type, height, round, digest: sha256Hex(block) }, chainId === undefined ? {} : { chainId });
  return { first: vote('one'), second: vote('another') };
}

// Whether a node's TPM quote is about this node, now: its nonce comes of a challenge that nobody could foresee (agreement 1.2, attestation_proof).
import { concatBytes, fromHex, utf8 } from '../../../crypto/encoding.js';
import { sha256, sha256Hex } from '../../../crypto/hash.js';
import { quoteFault } from '../../../crypto/tpmQuote.js';
import { stateKeys, type NodeCommitment } from '../../types.js';
import { Refusal } from '../ledgerError.js';
import { applied, clusterObject, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import type { Overlay } from '../state.js';

/** A quote is made within so much block time after its challenge. */
const CHALLENGE_MS = 60_000;
const TAG = concatBytes(utf8('enc-tpm-nonce-v1'), Uint8Array.of(0));

interface ChallengeRecord {
  /** Hex; the previous block's hash, which was not known before. */
  blockHash: string;
  time: number;
}

/** utf8('enc-tpm-nonce-v1') ‖ 0x00 ‖ block hash ‖ node's BLS key ‖ utf8(name), hashed: a quote of another node or machine is none of this one. */
export function tpmNonce(blockHash: string, { name, blsPublicKey }: Pick<NodeCommitment, 'name' | 'blsPublicKey'>): Uint8Array {
  return sha256(concatBytes(TAG, fromHex(blockHash), fromHex(blsPublicKey), utf8(name)));
}

function challenge({ payload: { name }, state, block }: Operation<'node.challenge'>): Effect {
  state.write(stateKeys.challenge(name), { blockHash: block.previousHash, time: block.timestamp } satisfies ChallengeRecord);
  return applied('Challenged', `node ${name} may be quoted over block hash ${block.previousHash} within ${CHALLENGE_MS} ms`, { blockHash: block.previousHash });
}

export interface Attested {
  /** sha256 of the attestation key, hex. */
  keyHash: string;
  pcrs: Record<string, string>;
  /** Block time of the quote's challenge, ms. */
  time: number;
}

/** undefined when the commitment has no quote. Throws Refusal 'BadAttestation'. */
export function attestationOf(state: Overlay, { timestamp }: BlockContext, commitment: NodeCommitment): Attested | undefined {
  const { name, attestationProof: quote } = commitment;
  if (quote === null) return undefined;
  const challenged = state.read<ChallengeRecord>(stateKeys.challenge(name));
  if (!challenged) throw new Refusal('BadAttestation', `attestationProof of node ${name} answers no challenge: send node.challenge first and quote over its nonce`);
  if (timestamp - challenged.time > CHALLENGE_MS)
    throw new Refusal('BadAttestation', `attestationProof of node ${name} comes ${timestamp - challenged.time} ms after its challenge, at most ${CHALLENGE_MS} ms are taken; ask for another`);
  const fault = quoteFault(quote, tpmNonce(challenged.blockHash, commitment));
  if (fault !== undefined) throw new Refusal('BadAttestation', `attestationProof of node ${name}: ${REASONS[fault]}`);
  state.remove(stateKeys.challenge(name));
  return { keyHash: sha256Hex(fromHex(quote.key)), pcrs: quote.pcrs, time: challenged.time };
}

const REASONS = {
  NotAQuote: 'it is no quote over the SHA-256 bank of a TPM 2.0',
  NotByThisKey: 'its signature is not by its attestation key',
  OtherNonce: "its nonce is not that of the node's challenge",
  OtherPcrs: 'its PCR values are not those that the TPM attests',
} as const;

export const attestationOperations: OperationTable<'node.challenge'> = {
  'node.challenge': { roles: ['node-operator'], object: clusterObject('Node'), execute: challenge },
};

// A node's signed promise of resources and region, for the program that commits nodes (agreement 1.2, ResourceCommitment).
import { bls } from '../../crypto/bls.js';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { sha256 } from '../../crypto/hash.js';
import type { NodeCommitment } from '../types.js';

export type NodeCommitmentFields = Omit<NodeCommitment, 'blsPublicKey' | 'blsProofOfPossession' | 'commitmentSignature'>;

const TAG = concatBytes(utf8('enc-node-commit-v1'), Uint8Array.of(0));

/** Signs over utf8('enc-node-commit-v1') ‖ 0x00 ‖ sha256(canonicalJson({chainId, …all fields but the signature})). `nodeSecretKey` = BLS secret, hex. */
export function signNodeCommitment({ chainId, ...fields }: NodeCommitmentFields & { chainId: string }, nodeSecretKey: string): NodeCommitment {
  const keys = { blsPublicKey: bls.publicKey(nodeSecretKey), blsProofOfPossession: toHex(bls.provePossession(nodeSecretKey)) };
  const unsigned = { ...fields, ...keys };
  const message = concatBytes(TAG, sha256(utf8(canonicalJson({ chainId, ...unsigned }))));
  return { ...unsigned, commitmentSignature: toHex(bls.sign(nodeSecretKey, message)) };
}

const NONCE_TAG = concatBytes(utf8('enc-tpm-nonce-v1'), Uint8Array.of(0));

/** utf8('enc-tpm-nonce-v1') ‖ 0x00 ‖ block hash of the challenge ‖ node's BLS key ‖ utf8(name), hashed. */
export function tpmNonce(blockHash: string, { name, blsPublicKey }: Pick<NodeCommitment, 'name' | 'blsPublicKey'>): Uint8Array {
  return sha256(concatBytes(NONCE_TAG, fromHex(blockHash), fromHex(blsPublicKey), utf8(name)));
}

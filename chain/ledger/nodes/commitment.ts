// A node's signed promise of resources and the region it stands in (agreement 1.2, ResourceCommitment).
import { LRUCache } from 'lru-cache';
import { bls } from '../../../crypto/bls.js';
import { canonicalJson } from '../../../crypto/canonicalJson.js';
import { concatBytes, fromHex, utf8 } from '../../../crypto/encoding.js';
import { sha256, sha256Hex } from '../../../crypto/hash.js';
import type { NodeCommitment } from '../../types.js';

const TAG = concatBytes(utf8('enc-node-commit-v1'), Uint8Array.of(0));

// Results of a pure check that costs up to 15 ms and is asked at submission, proposal and execution.
const checked = new LRUCache<string, CommitmentFault | 'none'>({ max: 4_096 });

export type CommitmentFault = 'BadCommitment' | 'BadPossession';

/** utf8('enc-node-commit-v1') ‖ 0x00 ‖ sha256(canonicalJson({chainId, …all fields but the signature})) */
export function commitmentMessage(chainId: string, commitment: NodeCommitment): Uint8Array {
  const { commitmentSignature: _, ...fields } = commitment;
  return concatBytes(TAG, sha256(utf8(canonicalJson({ chainId, ...fields }))));
}

export function commitmentFault(chainId: string, commitment: NodeCommitment): CommitmentFault | undefined {
  const key = sha256Hex(canonicalJson({ chainId, commitment }));
  let fault = checked.get(key);
  if (fault === undefined) checked.set(key, (fault = check(chainId, commitment)));
  return fault === 'none' ? undefined : fault;
}

function check(chainId: string, commitment: NodeCommitment): CommitmentFault | 'none' {
  const { blsPublicKey, blsProofOfPossession, commitmentSignature } = commitment;
  if (!bls.verify(blsPublicKey, commitmentMessage(chainId, commitment), fromHex(commitmentSignature))) return 'BadCommitment';
  return bls.verifyPossession(blsPublicKey, fromHex(blsProofOfPossession)) ? 'none' : 'BadPossession';
}

// Proofs that a key has a value, or is absent, under a state root (compact sparse Merkle tree over sha256(key); Cosmos ADR-040's commitment).
import { isHex } from './encoding.js';
import { sha256Packed, type PackedDigest } from './hash.js';

/** JSON-able. `siblings` are hex, from the root down; `leaf` is the other leaf that stands where an absent key would. */
export interface StateProof {
  siblings: string[];
  leaf?: { path: string; valueHash: string };
}

export const EMPTY: PackedDigest = '\0'.repeat(32);
const PATH_BITS = 256;
const scratch = Buffer.alloc(65);

/** sha256(0x00 ‖ path ‖ valueHash) */
export function leafDigest(path: PackedDigest, valueHash: PackedDigest): PackedDigest {
  return tagged(0, path, valueHash);
}

/** The same of a leaf in one piece, path ‖ valueHash. */
export function digestOfLeaf(leaf: string): PackedDigest {
  scratch[0] = 0;
  scratch.write(leaf, 1, 'latin1');
  return sha256Packed(scratch);
}

/** sha256(0x01 ‖ left ‖ right) */
export function innerDigest(left: PackedDigest, right: PackedDigest): PackedDigest {
  return tagged(1, left, right);
}

function tagged(tag: number, first: PackedDigest, second: PackedDigest): PackedDigest {
  scratch[0] = tag;
  scratch.write(first, 1, 'latin1');
  scratch.write(second, 33, 'latin1');
  return sha256Packed(scratch);
}

/** Bit `depth` of a path, most significant first. */
export function bitAt(path: PackedDigest, depth: number): number {
  return (path.charCodeAt(depth >> 3) >> (7 - (depth & 7))) & 1;
}

export function packedToHex(digest: PackedDigest): string {
  return Buffer.from(digest, 'latin1').toString('hex');
}

/** `value` undefined asks whether the key is absent. False on any malformed proof; never throws. */
export function verifyStateProof(rootHex: string, key: string, value: Uint8Array | string | undefined, proof: StateProof): boolean {
  if (!isWellFormed(proof)) return false;
  const path = sha256Packed(key);
  const start = value === undefined ? absentStart(path, proof) : presentStart(path, value, proof);
  if (start === undefined) return false;
  let digest = start;
  for (let depth = proof.siblings.length - 1; depth >= 0; depth--) {
    const sibling = pack(proof.siblings[depth]!);
    digest = bitAt(path, depth) === 0 ? innerDigest(digest, sibling) : innerDigest(sibling, digest);
  }
  return packedToHex(digest) === rootHex;
}

function presentStart(path: PackedDigest, value: Uint8Array | string, proof: StateProof): PackedDigest | undefined {
  return proof.leaf === undefined ? leafDigest(path, sha256Packed(value)) : undefined;
}

function absentStart(path: PackedDigest, { leaf, siblings }: StateProof): PackedDigest | undefined {
  if (leaf === undefined) return EMPTY;
  const other = pack(leaf.path);
  if (other === path) return undefined;
  for (let depth = 0; depth < siblings.length; depth++) {
    if (bitAt(other, depth) !== bitAt(path, depth)) return undefined;
  }
  return leafDigest(other, pack(leaf.valueHash));
}

function isWellFormed(proof: StateProof): boolean {
  if (typeof proof !== 'object' || proof === null || !Array.isArray(proof.siblings)) return false;
  if (proof.siblings.length > PATH_BITS || !proof.siblings.every((sibling) => isHex(sibling, 32))) return false;
  const { leaf } = proof;
  return leaf === undefined || (typeof leaf === 'object' && leaf !== null && isHex(leaf.path, 32) && isHex(leaf.valueHash, 32));
}

function pack(hex: string): PackedDigest {
  return Buffer.from(hex, 'hex').toString('latin1');
}

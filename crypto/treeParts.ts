// The state tree cut at a depth into 2^depth parts, each of which can be checked alone against a list that folds to the root: for handing over a whole state in pieces.
import { sha256Packed, type PackedDigest } from './hash.js';
import { bitAt, EMPTY, innerDigest, leafDigest, packedToHex } from './stateProof.js';

/** A subtree of two leaves and more, the one leaf that is below, or nothing; hex. A leaf is named as such because the tree lifts it past empty siblings. */
export type TreePart = { digest: string } | { path: string; valueHash: string } | null;

type Folded = { digest: PackedDigest; isLeaf: boolean } | undefined;

/** The part that a key belongs to: the first bits of sha256(key). */
export function partOfKey(key: string, depth: number): number {
  return prefixOf(sha256Packed(key), depth);
}

/**
 * Root of the tree that has these parts, 2^depth of them, hex; undefined when a leaf stands in a part that it does not belong to.
 * For a root there is one such list alone: what differs, in digests or in what is a leaf, folds to another root or has no records.
 */
export function rootOfParts(parts: readonly TreePart[], depth: number): string | undefined {
  const isMisplaced = (part: TreePart, index: number): boolean => part !== null && 'path' in part && prefixOf(pack(part.path), depth) !== index;
  if (parts.length !== 2 ** depth || parts.some(isMisplaced)) return undefined;
  let level = parts.map(folded);
  while (level.length > 1) level = Array.from({ length: level.length / 2 }, (_, i) => join(level[2 * i], level[2 * i + 1]));
  return packedToHex(level[0]?.digest ?? EMPTY);
}

/** Whether both say the same about a subtree. */
export function isSamePart(a: TreePart, b: TreePart): boolean {
  const [one, other] = [folded(a), folded(b)];
  return one?.digest === other?.digest;
}

function folded(part: TreePart): Folded {
  if (part === null) return undefined;
  if ('digest' in part) return { digest: pack(part.digest), isLeaf: false };
  return { digest: leafDigest(pack(part.path), pack(part.valueHash)), isLeaf: true };
}

function join(left: Folded, right: Folded): Folded {
  if (left === undefined && (right === undefined || right.isLeaf)) return right;
  if (right === undefined && left?.isLeaf) return left;
  return { digest: innerDigest(left?.digest ?? EMPTY, right?.digest ?? EMPTY), isLeaf: false };
}

function prefixOf(path: PackedDigest, depth: number): number {
  let prefix = 0;
  for (let at = 0; at < depth; at++) prefix = 2 * prefix + bitAt(path, at);
  return prefix;
}

function pack(hex: string): PackedDigest {
  return Buffer.from(hex, 'hex').toString('latin1');
}

// Merkle tree hashes (RFC 9162, section 2.1.1) over SHA-256.
import { sha256, sha256OfText } from '../../crypto/hash.js';

const LEAF = 0;

export const HASH_BYTES = 32;
const node = new Uint8Array(1 + 2 * HASH_BYTES).fill(1, 0, 1);

/** HASH(0x00 ‖ data) */
export function leafHash(data: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + data.length);
  prefixed[0] = LEAF;
  prefixed.set(data, 1);
  return sha256(prefixed);
}

/** The same of a text's UTF-8 form. */
export function leafHashOfText(text: string): Uint8Array {
  return sha256OfText(`\0${text}`);
}

/** HASH(0x01 ‖ left ‖ right), of hashes of 32 bytes. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** The root of no leaves: HASH(). */
export function emptyRoot(): Uint8Array {
  return sha256();
}

/** The root over leaf hashes. */
export function merkleRoot(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return emptyRoot();
  let level = leaves;
  while (level.length > 1) {
    const next: Uint8Array[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(nodeHash(level[i]!, level[i + 1]!));
    if (level.length % 2 === 1) next.push(level.at(-1)!);
    level = next;
  }
  return level[0]!;
}

/** Largest power of two below `size` (which is at least 2): where a tree of that size splits. */
export function splitPoint(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

/** The n of a size 2^n, else undefined. (Math.log2 rounds: it takes 2^50 + 1 for a power of two.) */
export function exactLog2(size: number): number | undefined {
  let exponent = 0;
  let power = 1;
  for (; power < size; power *= 2) exponent += 1;
  return power === size ? exponent : undefined;
}

/** The hash of the complete subtree `index` at `level`: of the leaves from index·2^level on, 2^level of them. */
export type HashReader = (level: number, index: number) => Uint8Array;

/** The root of the leaves from `start` to before `end`; `start` is a multiple of a power of two not below the span. */
export function rangeRoot(read: HashReader, start: number, end: number): Uint8Array {
  const span = end - start;
  const level = exactLog2(span);
  if (level !== undefined) return read(level, start / span);
  const middle = start + splitPoint(span);
  return nodeHash(rangeRoot(read, start, middle), rangeRoot(read, middle, end));
}

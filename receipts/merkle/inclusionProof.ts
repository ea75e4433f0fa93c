// Inclusion proofs (RFC 9162, section 2.1.3): that a leaf is at an index of a tree.
import { HASH_BYTES, nodeHash, rangeRoot, splitPoint, type HashReader } from './treeHash.js';

/** Sibling hashes from the leaf up. Throws RangeError when the tree has no such leaf. */
export function proveInclusion(read: HashReader, leafIndex: number, treeSize: number): Uint8Array[] {
  if (!isIndex(leafIndex) || !isIndex(treeSize) || leafIndex >= treeSize) {
    throw new RangeError(`leaf ${leafIndex} is not in a tree of ${treeSize} leaves`);
  }
  const path: Uint8Array[] = [];
  let start = 0;
  let end = treeSize;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (leafIndex < middle) {
      path.push(rangeRoot(read, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(read, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/** The root that the path leads to (section 2.1.3.2), to be compared with the trusted one; undefined when the path cannot belong to the index and size. */
export function rootFromInclusion(leaf: Uint8Array, leafIndex: number, treeSize: number, path: Uint8Array[]): Uint8Array | undefined {
  if (!isIndex(leafIndex) || !isIndex(treeSize) || leafIndex >= treeSize) return undefined;
  let index = leafIndex;
  let last = treeSize - 1;
  let hash = leaf;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== HASH_BYTES) return undefined;
    if (index % 2 === 1 || index === last) {
      hash = nodeHash(sibling, hash);
      while (index % 2 === 0 && index !== 0) {
        index /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? hash : undefined;
}

function isIndex(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

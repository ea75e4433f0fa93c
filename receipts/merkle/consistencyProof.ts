// Consistency proofs (RFC 9162, section 2.1.4): that a tree is an earlier one with leaves appended and none changed.
import { equalBytes } from '../../crypto/encoding.js';
import { emptyRoot, exactLog2, HASH_BYTES, nodeHash, rangeRoot, splitPoint, type HashReader } from './treeHash.js';

export interface TreeHead {
  size: number;
  root: Uint8Array;
}

/** Empty when the sizes are equal or the old tree is empty. Throws RangeError when the old tree is the larger. */
export function proveConsistency(read: HashReader, oldSize: number, newSize: number): Uint8Array[] {
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 0 || oldSize > newSize) {
    throw new RangeError(`a tree of ${newSize} leaves does not extend one of ${oldSize}`);
  }
  if (oldSize === 0 || oldSize === newSize) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = newSize;
  while (end !== oldSize) {
    const middle = start + splitPoint(end - start);
    if (oldSize <= middle) {
      proof.push(rangeRoot(read, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(read, start, middle));
      start = middle;
    }
  }
  // When the old tree is a complete subtree of the new one, the verifier knows its root already.
  if (start !== 0) proof.push(rangeRoot(read, start, end));
  return proof.reverse();
}

/** Section 2.1.4.2. False on any malformed proof. */
export function verifyConsistency(older: TreeHead, newer: TreeHead, proof: Uint8Array[]): boolean {
  if (older.size > newer.size || proof.some((hash) => hash.length !== HASH_BYTES)) return false;
  if (older.size === 0) return proof.length === 0 && equalBytes(older.root, emptyRoot());
  if (older.size === newer.size) return proof.length === 0 && equalBytes(older.root, newer.root);
  return verifyExtension(older, newer, proof);
}

function verifyExtension(older: TreeHead, newer: TreeHead, proof: Uint8Array[]): boolean {
  const path = exactLog2(older.size) !== undefined ? [older.root, ...proof] : proof;
  if (path.length === 0) return false;
  let index = older.size - 1;
  let last = newer.size - 1;
  while (index % 2 === 1) {
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  let [oldRoot, newRoot] = [path[0]!, path[0]!];
  for (const hash of path.slice(1)) {
    if (last === 0) return false;
    if (index % 2 === 1 || index === last) {
      oldRoot = nodeHash(hash, oldRoot);
      newRoot = nodeHash(hash, newRoot);
      while (index % 2 === 0 && index !== 0) {
        index /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      newRoot = nodeHash(newRoot, hash);
    }
    index = Math.floor(index / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && equalBytes(oldRoot, older.root) && equalBytes(newRoot, newer.root);
}

// The right edge of a growing Merkle tree: enough to append leaves and know the root, in O(log n) memory and time.
import { fromHex, toHex } from '../../crypto/encoding.js';
import { emptyRoot, HASH_BYTES, nodeHash } from './treeHash.js';

/** JSON-able. `hashes` are hex, of the complete subtrees from the left (largest) to the right. */
export interface FrontierJson {
  size: number;
  hashes: string[];
}

export class MerkleFrontier {
  #size: number;
  /** One for each bit set in the size, the largest subtree first. */
  readonly #hashes: Uint8Array[];

  private constructor(size: number, hashes: Uint8Array[]) {
    this.#size = size;
    this.#hashes = hashes;
  }

  static empty(): MerkleFrontier {
    return new MerkleFrontier(0, []);
  }

  /** `hashes` of the complete subtrees, the largest first, one for each bit set in `size`. Throws RangeError. */
  static of(size: number, hashes: Uint8Array[]): MerkleFrontier {
    if (!Number.isSafeInteger(size) || size < 0 || hashes.length !== completeSubtrees(size).length) {
      throw new RangeError(`a tree of ${size} leaves has not ${hashes.length} complete subtrees on its edge`);
    }
    return new MerkleFrontier(size, [...hashes]);
  }

  static fromJson({ size, hashes }: FrontierJson): MerkleFrontier {
    return MerkleFrontier.of(
      size,
      hashes.map((hash) => fromHex(hash, HASH_BYTES)),
    );
  }

  toJson(): FrontierJson {
    return { size: this.#size, hashes: this.#hashes.map(toHex) };
  }

  /** Independent of this one from now on: for the leaves of a block that is not decided yet. */
  clone(): MerkleFrontier {
    return new MerkleFrontier(this.#size, [...this.#hashes]);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends a leaf hash; `onComplete` hears of every subtree that it completes, the leaf itself (level 0) first. */
  append(leaf: Uint8Array, onComplete?: (level: number, index: number, hash: Uint8Array) => void): void {
    let hash = leaf;
    let index = this.#size;
    onComplete?.(0, index, hash);
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(this.#hashes.pop()!, hash);
      index = (index - 1) / 2;
      onComplete?.(level, index, hash);
    }
    this.#hashes.push(hash);
    this.#size += 1;
  }

  root(): Uint8Array {
    return this.#hashes.length === 0 ? emptyRoot() : this.#hashes.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** Where the complete subtrees of a tree's edge are, the largest first. */
export function completeSubtrees(size: number): { level: number; index: number }[] {
  const subtrees: { level: number; index: number }[] = [];
  let rest = size;
  for (let level = 0; rest > 0; level++) {
    if (rest % 2 === 1) subtrees.push({ level, index: rest - 1 });
    rest = Math.floor(rest / 2);
  }
  return subtrees.reverse();
}

// One signature over many things of one signer: over the RFC 9162 root of their ids; each carries its way to the root and stands for itself.
import { concatBytes, fromHex, toHex, u32be, utf8 } from '../crypto/encoding.js';
import { rootFromInclusion } from '../receipts/merkle/inclusionProof.js';
import { HASH_BYTES, leafHash, nodeHash } from '../receipts/merkle/treeHash.js';
import { integer, object, pattern, type Shape } from '../receipts/shape.js';

/** Where in its batch a thing is. */
export interface BatchPlace {
  index: number;
  /** How many were signed together. */
  size: number;
  /** The hashes beside the way from the leaf up to the root, hex, one after the other. */
  path: string;
}

export const MAX_BATCH = 512;
const DEEPEST = Math.log2(MAX_BATCH);
const HASH_DIGITS = 2 * HASH_BYTES;

export const batchPlaceShape: Shape<BatchPlace> = object({
  index: integer(0, MAX_BATCH - 1),
  size: integer(2, MAX_BATCH),
  path: pattern(new RegExp(`^(?:[0-9a-f]{${HASH_DIGITS}}){1,${DEEPEST}}$`), `1 to ${DEEPEST} hashes as lower-case hex`),
});

const ZERO = Uint8Array.of(0);
const TRANSACTIONS_TAG = concatBytes(utf8('enc-transactions-v1'), ZERO);
const ACKNOWLEDGEMENTS_TAG = concatBytes(utf8('enc-acks-v1'), ZERO);

/** utf8('enc-transactions-v1') ‖ 0x00 ‖ u32 size ‖ root. The size is in it, so that a place cannot be shown of another tree with the same root. */
export function transactionsMessage(size: number, root: Uint8Array): Uint8Array {
  return concatBytes(TRANSACTIONS_TAG, u32be(size), root);
}

/** utf8('enc-acks-v1') ‖ 0x00 ‖ utf8(chainId) ‖ 0x00 ‖ u32 size ‖ root */
export function acknowledgementsMessage(chainId: string, size: number, root: Uint8Array): Uint8Array {
  return concatBytes(ACKNOWLEDGEMENTS_TAG, utf8(chainId), ZERO, u32be(size), root);
}

/** The root that an id's place leads to; undefined when the place fits no batch of that size. `id` = 32 bytes as hex. */
export function batchRoot(id: string, { index, size, path }: BatchPlace): Uint8Array | undefined {
  const bytes = fromHex(path);
  const hashes = Array.from({ length: bytes.length / HASH_BYTES }, (_, i) => bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  return rootFromInclusion(leafHash(fromHex(id, HASH_BYTES)), index, size, hashes);
}

/** Root and places of 2 to MAX_BATCH ids, in their order. */
export function makeBatch(ids: readonly string[]): { root: Uint8Array; places: BatchPlace[] } {
  if (ids.length < 2 || ids.length > MAX_BATCH) throw new RangeError(`a batch of ${ids.length}; 2 to ${MAX_BATCH} can be signed together`);
  const paths = ids.map(() => '');
  let level = ids.map((id) => leafHash(fromHex(id, HASH_BYTES)));
  for (let height = 0; level.length > 1; height++) {
    const hexes = level.map(toHex);
    paths.forEach((path, index) => {
      const sibling = (index >> height) ^ 1;
      if (sibling < level.length) paths[index] = path + hexes[sibling]!;
    });
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => (2 * i + 1 < level.length ? nodeHash(level[2 * i]!, level[2 * i + 1]!) : level[2 * i]!));
  }
  return { root: level[0]!, places: paths.map((path, index) => ({ index, size: ids.length, path })) };
}

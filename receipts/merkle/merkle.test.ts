// The Merkle tree against the reference tree of Certificate Transparency, and its proofs against every other tree, index and path.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { proveConsistency, verifyConsistency } from './consistencyProof.js';
import { proveInclusion, rootFromInclusion } from './inclusionProof.js';
import { completeSubtrees, MerkleFrontier } from './merkleFrontier.js';
import { emptyRoot, leafHash, merkleRoot, nodeHash, splitPoint, type HashReader } from './treeHash.js';

// google/certificate-transparency, merkletree tests: leaf inputs, roots of the first 1 to 8, and paths.
const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const [h0, h1] = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
];
const h23 = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const h4 = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const h45 = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';
const h67 = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const h4567 = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';

const published = inputs.map((input) => leafHash(fromHex(input)));
const leaves = Array.from({ length: 80 }, (_, i) => leafHash(utf8(`leaf ${i}`)));
const readerOf =
  (hashes: Uint8Array[]): HashReader =>
  (level, index) =>
    definition(hashes.slice(index * 2 ** level, (index + 1) * 2 ** level));

/** MTH by its definition. */
function definition(hashes: Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot();
  if (hashes.length === 1) return hashes[0]!;
  const k = splitPoint(hashes.length);
  return nodeHash(definition(hashes.slice(0, k)), definition(hashes.slice(k)));
}

describe('tree hash', () => {
  it('gives the published roots', () => {
    expect(toHex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(roots).toEqual(published.map((_, i) => toHex(merkleRoot(published.slice(0, i + 1)))));
  });

  it('equals its definition, and the frontier agrees at every size', () => {
    const frontier = MerkleFrontier.empty();
    expect(frontier.root()).toEqual(emptyRoot());
    leaves.forEach((leaf, i) => {
      const copy = frontier.clone();
      frontier.append(leaf);
      const expected = definition(leaves.slice(0, i + 1));
      expect(merkleRoot(leaves.slice(0, i + 1))).toEqual(expected);
      expect(frontier.root()).toEqual(expected);
      expect(copy.root()).toEqual(definition(leaves.slice(0, i)));
      expect(MerkleFrontier.fromJson(JSON.parse(JSON.stringify(frontier.toJson())) as never).root()).toEqual(expected);
    });
  });

  it('the frontier tells of every subtree it completes', () => {
    const frontier = MerkleFrontier.empty();
    const seen: string[] = [];
    for (const leaf of leaves)
      frontier.append(leaf, (level, index, hash) => (expect(hash).toEqual(readerOf(leaves)(level, index)), seen.push(`${level}/${index}`)));
    const expected = [0, 1, 2, 3, 4, 5, 6].flatMap((level) => Array.from({ length: Math.floor(80 / 2 ** level) }, (_, i) => `${level}/${i}`));
    expect(seen.sort()).toEqual(expected.sort());
  });

  it('refuses a frontier whose hashes do not fit its size', () => {
    expect(completeSubtrees(11)).toEqual([
      { level: 3, index: 0 },
      { level: 1, index: 4 },
      { level: 0, index: 10 },
    ]);
    for (const size of [0, 3, 5, -1, 1.5]) expect(() => MerkleFrontier.fromJson({ size, hashes: [roots[0]!] })).toThrow(RangeError);
    expect(() => MerkleFrontier.fromJson({ size: 1, hashes: ['ab'] })).toThrow(/1 bytes, expected 32/);
  });
});

describe('inclusion proofs', () => {
  it.each([
    [0, 1, []],
    [0, 8, [h1, h23, h4567]],
    [5, 8, [h4, h67, roots[3]!]],
    [2, 3, [roots[1]!]],
    [1, 5, [h0, h23, h4]],
  ])('leaf %i of %i has the published path', (index, size, path) => {
    expect(proveInclusion(readerOf(published), index, size).map(toHex)).toEqual(path);
    expect(
      toHex(
        rootFromInclusion(
          published[index]!,
          index,
          size,
          path.map((hash) => fromHex(hash)),
        )!,
      ),
    ).toBe(roots[size - 1]);
  });

  it('lead to the root, and to nothing under another index, size, leaf or path', () => {
    const size = fc.integer({ min: 1, max: leaves.length });
    const index = fc.nat(leaves.length - 1);
    fc.assert(
      fc.property(size, index, index, fc.nat(), fc.nat(255), (n, i, other, position, bit) => {
        const at = i % n;
        const root = definition(leaves.slice(0, n));
        const path = proveInclusion(readerOf(leaves), at, n);
        expect(rootFromInclusion(leaves[at]!, at, n, path)).toEqual(root);
        if (other !== at) {
          expect(rootFromInclusion(leaves[other]!, at, n, path)).not.toEqual(root);
          expect(rootFromInclusion(leaves[at]!, other, n, path)).not.toEqual(root);
        }
        expect(rootFromInclusion(leaves[at]!, at, n, [...path, root])).toBeUndefined();
        if (path.length === 0) return;
        expect(rootFromInclusion(leaves[at]!, at, n, path.slice(1))).toBeUndefined();
        const flipped = path.map((hash) => hash.slice());
        flipped[position % path.length]![bit >> 3]! ^= 1 << (bit & 7);
        expect(rootFromInclusion(leaves[at]!, at, n, flipped)).not.toEqual(root);
        expect(rootFromInclusion(leaves[at]!, at, n, [path[0]!.subarray(1), ...path.slice(1)])).toBeUndefined();
      }),
    );
  });

  it.each([2 ** 33, 2 ** 40, 2 ** 50])('work beyond 32-bit indices, in a tree of %d and 5 leaves', (power) => {
    const level = Math.log2(power);
    const equal = [leaves[0]!];
    while (equal.length <= level) equal.push(nodeHash(equal.at(-1)!, equal.at(-1)!));
    const read: HashReader = (at) => equal[at]!;
    const head = (size: number, root: Uint8Array) => ({ size, root });
    const root = nodeHash(equal[level]!, nodeHash(equal[2]!, equal[0]!));
    for (const index of [0, power / 2 + 1, power - 1, power, power + 3, power + 4]) {
      const path = proveInclusion(read, index, power + 5);
      expect(rootFromInclusion(leaves[0]!, index, power + 5, path)).toEqual(root);
      expect(rootFromInclusion(leaves[0]!, index, power, path)).not.toEqual(root);
    }
    const oneMore = head(power + 1, nodeHash(equal[level]!, equal[0]!));
    for (const older of [head(power, equal[level]!), oneMore]) {
      expect(verifyConsistency(older, head(power + 5, root), proveConsistency(read, older.size, power + 5))).toBe(true);
    }
  });

  it.each([
    [8, 8],
    [-1, 8],
    [0, 0],
    [0.5, 2],
    [NaN, 2],
  ])('leaf %d of %d does not exist', (index, size) => {
    expect(() => proveInclusion(readerOf(published), index, size)).toThrow(RangeError);
    expect(rootFromInclusion(published[0]!, index, size, [])).toBeUndefined();
  });
});

describe('consistency proofs', () => {
  const head = (size: number) => ({ size, root: definition(leaves.slice(0, size)) });
  it.each([
    [1, 1, []],
    [1, 8, [h1, h23, h4567]],
    [6, 8, [h45, h67, roots[3]!]],
    [2, 5, [h23, h4]],
    [0, 8, []],
  ])('from %i to %i is the published one', (older, newer, path) => {
    expect(proveConsistency(readerOf(published), older, newer).map(toHex)).toEqual(path);
  });

  it('hold for every pair of sizes', () => {
    for (let newer = 0; newer <= 40; newer++) {
      for (let older = 0; older <= newer; older++) {
        expect(verifyConsistency(head(older), head(newer), proveConsistency(readerOf(leaves), older, newer))).toBe(true);
      }
    }
  });

  it('fail for changed roots, sizes and proofs', () => {
    const size = fc.integer({ min: 1, max: leaves.length });
    fc.assert(
      fc.property(size, size, fc.nat(), fc.nat(255), (a, b, position, bit) => {
        const [older, newer] = [head(Math.min(a, b)), head(Math.max(a, b))];
        const proof = proveConsistency(readerOf(leaves), older.size, newer.size);
        const flip = (hash: Uint8Array) => hash.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        expect(verifyConsistency({ ...older, root: flip(older.root) }, newer, proof)).toBe(false);
        expect(verifyConsistency(older, { ...newer, root: flip(newer.root) }, proof)).toBe(false);
        expect(verifyConsistency(older, newer, [...proof, newer.root])).toBe(false);
        if (older.size !== newer.size) {
          expect(verifyConsistency(newer, older, proof)).toBe(false);
          expect(verifyConsistency(older, newer, proof.slice(1))).toBe(false);
          const at = position % proof.length;
          expect(verifyConsistency(older, newer, proof.map((hash, i) => (i === at ? flip(hash) : hash)))).toBe(false); // prettier-ignore
        }
      }),
    );
    expect(verifyConsistency({ size: 0, root: leaves[0]! }, head(3), [])).toBe(false);
    expect(() => proveConsistency(readerOf(leaves), 5, 4)).toThrow(RangeError);
  });
});

// The tree against a naive model that hashes the definition, and proofs that serve only their own key and value.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from './encoding.js';
import { sha256, sha256Packed } from './hash.js';
import { bitAt, innerDigest, leafDigest, packedToHex } from './stateProof.js';
import { SparseMerkleTree, verifyStateProof, type StateProof } from './sparseMerkleTree.js';

/** The root by its definition: recursion over bits of the path, no sharing, no shortcuts. */
function naiveRoot(entries: [Uint8Array, Uint8Array][], depth = 0): Uint8Array {
  if (entries.length === 0) return new Uint8Array(32);
  if (entries.length === 1) return sha256(Uint8Array.of(0), ...entries[0]!);
  const side = (bit: number) => entries.filter(([path]) => ((path[depth >> 3]! >> (7 - (depth % 8))) & 1) === bit);
  return sha256(Uint8Array.of(1), naiveRoot(side(0), depth + 1), naiveRoot(side(1), depth + 1));
}
const modelRoot = (model: Map<string, string>) => toHex(naiveRoot([...model].map(([key, value]) => [sha256(utf8(key)), sha256(utf8(value))])));

const key = fc.nat(40).map((n) => `node/${n}`);
const value = fc.nat(3).map((n) => `value ${n}`);
const batch = fc.array(fc.tuple(key, fc.option(value, { nil: undefined })), { maxLength: 30 });

function applyToModel(model: Map<string, string>, changes: [string, string | undefined][]): Map<string, string> {
  const next = new Map(model);
  for (const [name, text] of changes) {
    if (text === undefined) next.delete(name);
    else next.set(name, text);
  }
  return next;
}

describe('SparseMerkleTree', () => {
  it('has the root of its definition after any batches, whatever their order, and keeps old versions', () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 6 }), (batches) => {
        let [tree, model] = [SparseMerkleTree.empty, new Map<string, string>()];
        const versions: [SparseMerkleTree, string][] = [];
        for (const changes of batches) {
          tree = tree.update(changes);
          model = applyToModel(model, changes);
          versions.push([tree, modelRoot(model)]);
        }
        for (const [version, root] of versions) expect(version.rootHex).toBe(root);
        expect(SparseMerkleTree.fromEntries([...model].reverse()).rootHex).toBe(tree.rootHex);
      }),
    );
  });

  it('returns itself when nothing changes', () => {
    const tree = SparseMerkleTree.fromEntries([['a', '1'], ['b', '2'], ['c', '3']]); // prettier-ignore
    expect(tree.update([['a', '1'], ['absent', undefined]])).toBe(tree); // prettier-ignore
    expect(tree.update([])).toBe(tree);
    expect(tree.update([['a', undefined], ['b', undefined], ['c', undefined]]).rootHex).toBe('00'.repeat(32)); // prettier-ignore
  });

  it('is the same however it came to its records: grown, cut back, or made at once; with many as with few', () => {
    const all = Array.from({ length: 3_000 }, (_, i): [string, string] => [`account/${i}`, `balance ${i}`]);
    const kept = all.filter((_, i) => i % 7 === 0);
    const removed = all.filter((_, i) => i % 7 !== 0).map(([name]): [string, undefined] => [name, undefined]);
    const grown = all.reduce((tree, entry) => tree.update([entry]), SparseMerkleTree.empty);
    expect(grown.rootHex).toBe(modelRoot(new Map(all)));
    expect(SparseMerkleTree.fromEntries(all).rootHex).toBe(grown.rootHex);
    const cut = removed.reduce((tree, entry) => tree.update([entry]), grown);
    expect(cut.rootHex).toBe(modelRoot(new Map(kept)));
    expect(grown.update(removed)).toEqual(cut);
    expect(SparseMerkleTree.fromEntries(kept)).toEqual(cut);
    for (const [name, text] of kept) expect(verifyStateProof(cut.rootHex, name, text, cut.prove(name))).toBe(true);
    for (const [name] of removed.slice(0, 500)) expect(verifyStateProof(cut.rootHex, name, undefined, cut.prove(name))).toBe(true);
  });

  it('is not made of a key that is given twice', () => {
    expect(() => SparseMerkleTree.fromEntries([['a', '1'], ['b', '2'], ['a', '1']])).toThrow(RangeError); // prettier-ignore
  });

  it('takes bytes and text alike', () => {
    expect(SparseMerkleTree.fromEntries([['k', utf8('ä')]]).rootHex).toBe(SparseMerkleTree.fromEntries([['k', 'ä']]).rootHex);
  });
});

describe('state proofs', () => {
  it('prove what is, and nothing else', () => {
    fc.assert(
      fc.property(batch, key, key, value, (changes, asked, other, wrong) => {
        const tree = SparseMerkleTree.empty.update(changes);
        const present = applyToModel(new Map(), changes).get(asked);
        const proof = tree.prove(asked);
        expect(verifyStateProof(tree.rootHex, asked, present, proof)).toBe(true);
        expect(verifyStateProof(tree.rootHex, asked, wrong, proof)).toBe(wrong === present);
        expect(verifyStateProof(tree.rootHex, asked, undefined, proof)).toBe(present === undefined);
        if (other !== asked && present !== undefined) expect(verifyStateProof(tree.rootHex, other, present, proof)).toBe(false);
        expect(JSON.parse(JSON.stringify(proof))).toEqual(proof);
      }),
    );
  });

  const tree = SparseMerkleTree.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, `v${i}`] as const));
  const { rootHex } = tree;
  const good = tree.prove('k7');
  const absent = tree.prove('none');

  it.each<[string, string, string | undefined, unknown]>([
    ['absence by the own leaf', 'k7', undefined, { ...good, leaf: { path: toHex(sha256(utf8('k7'))), valueHash: toHex(sha256(utf8('v7'))) } }],
    ['absence by the empty place', 'k7', undefined, good],
    ['absence by a leaf elsewhere', 'k7', undefined, absent],
    ['presence with another leaf named', 'k7', 'v7', { ...good, leaf: { path: '00'.repeat(32), valueHash: '00'.repeat(32) } }],
    ['a sibling less', 'k7', 'v7', { siblings: good.siblings.slice(0, -1) }],
    ['a sibling more', 'k7', 'v7', { siblings: [...good.siblings, '00'.repeat(32)] }],
    ['siblings reversed', 'k7', 'v7', { siblings: [...good.siblings].reverse() }],
    ['upper-case hex', 'k7', 'v7', { siblings: good.siblings.map((sibling) => sibling.toUpperCase()) }],
    ['too many siblings', 'k7', 'v7', { siblings: Array<string>(257).fill('00'.repeat(32)) }],
    ['no siblings member', 'k7', 'v7', {}],
    ['null', 'k7', 'v7', null],
    ['a malformed leaf', 'none', undefined, { ...absent, leaf: { path: 'x', valueHash: 'y' } }],
    ['a null leaf', 'none', undefined, { ...absent, leaf: null }],
  ])('refuse %s', (_name, asked, claimed, proof) => {
    expect(verifyStateProof(rootHex, 'k7', 'v7', good)).toBe(true);
    expect(verifyStateProof(rootHex, 'none', undefined, absent)).toBe(true);
    expect(verifyStateProof(rootHex, asked, claimed, proof as StateProof)).toBe(false);
  });

  it('refuse absence by a leaf that stands where it does not belong, even under a root made so', () => {
    const names = Array.from({ length: 20 }, (_, i) => `k${i}`);
    const asked = names.find((name) => bitAt(sha256Packed(name), 0) === 0)!;
    const misplaced = sha256Packed(names.find((name) => bitAt(sha256Packed(name), 0) === 1)!);
    const valueHash = sha256Packed('v');
    const root = packedToHex(innerDigest(leafDigest(misplaced, valueHash), sha256Packed('sibling')));
    const proof = { siblings: [packedToHex(sha256Packed('sibling'))], leaf: { path: packedToHex(misplaced), valueHash: packedToHex(valueHash) } };
    expect(verifyStateProof(root, asked, undefined, proof)).toBe(false);
  });

  it('fail when any one byte of them changes', () => {
    fc.assert(
      fc.property(fc.nat(good.siblings.length - 1), fc.nat(63), fc.integer({ min: 1, max: 15 }), (index, digit, change) => {
        const siblings = [...good.siblings];
        const changed = (parseInt(siblings[index]![digit]!, 16) ^ change).toString(16);
        siblings[index] = siblings[index]!.slice(0, digit) + changed + siblings[index]!.slice(digit + 1);
        expect(verifyStateProof(rootHex, 'k7', 'v7', { siblings })).toBe(false);
      }),
    );
  });
});

// Parts of any tree fold to its root, each part is what its own records alone give, and no other list passes for it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SparseMerkleTree } from './sparseMerkleTree.js';
import { isSamePart, partOfKey, rootOfParts, type TreePart } from './treeParts.js';

const entries = fc.uniqueArray(fc.tuple(fc.string(), fc.string()), { selector: ([key]) => key, maxLength: 60 });
const depth = fc.nat(6);
const partsOf = (tree: SparseMerkleTree, cut: number): TreePart[] => Array.from({ length: 2 ** cut }, (_, i) => tree.part(cut, i));

it('folds to the root of the tree, and each part follows from its records alone', () => {
  fc.assert(
    fc.property(entries, depth, (records, cut) => {
      const tree = SparseMerkleTree.fromEntries(records);
      const parts = partsOf(tree, cut);
      expect(rootOfParts(parts, cut)).toBe(tree.rootHex);
      parts.forEach((part, index) => {
        const own = records.filter(([key]) => partOfKey(key, cut) === index);
        expect(SparseMerkleTree.fromEntries(own).part(cut, index)).toEqual(part);
      });
    }),
  );
});

it('tells a part from that of records changed, left out or added', () => {
  fc.assert(
    fc.property(entries, depth, fc.nat(), fc.constantFrom('change', 'drop', 'add'), (records, cut, pick, how) => {
      fc.pre(records.length > 0);
      const [key, value] = records[pick % records.length]!;
      const index = partOfKey(key, cut);
      const own = records.filter(([other]) => partOfKey(other, cut) === index);
      const others = own.filter(([other]) => other !== key);
      const changed: [string, string][] = how === 'drop' ? others : how === 'change' ? [...others, [key, `${value}!`]] : [...own, [`${key} more`, value]];
      fc.pre(how !== 'add' || (partOfKey(`${key} more`, cut) === index && !own.some(([other]) => other === `${key} more`)));
      expect(isSamePart(SparseMerkleTree.fromEntries(changed).part(cut, index), SparseMerkleTree.fromEntries(own).part(cut, index))).toBe(false);
    }),
  );
});

it('gives no root for a list of another length or with a leaf where it does not belong', () => {
  const tree = SparseMerkleTree.fromEntries([['only', 'one']]);
  const parts = partsOf(tree, 2);
  expect(rootOfParts(parts.slice(1), 2)).toBeUndefined();
  expect(rootOfParts([...parts.slice(1), parts[0]!], 2)).toBeUndefined();
});

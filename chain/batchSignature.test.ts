// Every id of a batch leads to the one root from its own place, and from no other.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../crypto/encoding.js';
import { sha256Hex } from '../crypto/hash.js';
import { leafHash, merkleRoot } from '../receipts/merkle/treeHash.js';
import { faultOf } from '../receipts/shape.js';
import { batchPlaceShape, batchRoot, makeBatch, MAX_BATCH, transactionsMessage } from './batchSignature.js';

const idsOf = (count: number) => Array.from({ length: count }, (_, i) => sha256Hex(`id ${i}`));

describe('a batch', () => {
  it.each([2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, MAX_BATCH])('of %i has the RFC 9162 root, and a place for each', (count) => {
    const ids = idsOf(count);
    const { root, places } = makeBatch(ids);
    expect(toHex(root)).toBe(toHex(merkleRoot(ids.map((id) => leafHash(fromHex(id))))));
    for (const [i, place] of places.entries()) {
      expect(faultOf(batchPlaceShape, place)).toBeUndefined();
      expect(batchRoot(ids[i]!, place)).toEqual(root);
    }
  });

  it('holds no other id, at no other place, and is of no other size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 40 }), fc.nat(), fc.nat(), (count, a, b) => {
        const ids = idsOf(count);
        const { root, places } = makeBatch(ids);
        const [i, j] = [a % count, b % count];
        const place = places[i]!;
        const leads = (id: string, at: typeof place) => {
          const found = batchRoot(id, at);
          return found !== undefined && toHex(found) === toHex(root);
        };
        if (i !== j) {
          expect(leads(ids[j]!, place)).toBe(false);
          expect(leads(ids[i]!, { ...place, index: j })).toBe(false);
        }
        expect(leads(sha256Hex('other'), place)).toBe(false);
        expect(toHex(transactionsMessage(count, root))).not.toBe(toHex(transactionsMessage(count + 1, root)));
      }),
    );
  });

  it('is of two or more, and bounded', () => {
    expect(() => makeBatch(idsOf(1))).toThrow(RangeError);
    expect(() => makeBatch(idsOf(MAX_BATCH + 1))).toThrow(/513/);
  });
});

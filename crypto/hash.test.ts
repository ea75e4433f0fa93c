// SHA-256 against FIPS 180-4 examples and the portable implementation.
import { sha256 as portable } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concatBytes, toHex, utf8 } from './encoding.js';
import { sha256, sha256Hex } from './hash.js';

it('gives the published digests', () => {
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('agrees with the portable implementation over parts', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array(), { maxLength: 4 }), fc.string({ unit: 'binary' }), (parts, text) => {
      expect(toHex(sha256(...parts))).toBe(toHex(portable(concatBytes(...parts))));
      expect(sha256Hex(text)).toBe(sha256Hex(utf8(text)));
    }),
  );
});

// Ed25519 against RFC 8032 and the portable implementation, and on garbage.
import { ed25519 as portable } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ed25519FromSeed, generateEd25519, signEd25519, verifyEd25519, verifyEd25519Async } from './ed25519.js';
import { fromHex, toHex } from './encoding.js';

// RFC 8032 section 7.1, tests 1 to 3.
const published = [
  {
    seed: '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    publicKey: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    message: '',
    signature: 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  },
  {
    seed: '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    publicKey: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    message: '72',
    signature: '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  },
  {
    seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    publicKey: 'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    message: 'af82',
    signature: '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  },
];

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

describe('ed25519', () => {
  it.each(published)('gives RFC 8032 signature for message "$message"', async ({ seed, publicKey, message, signature }) => {
    expect(ed25519FromSeed(seed)).toEqual({ privateKey: seed, publicKey });
    expect(toHex(signEd25519(seed, fromHex(message)))).toBe(signature);
    expect(verifyEd25519(publicKey, fromHex(message), fromHex(signature))).toBe(true);
    await expect(verifyEd25519Async(publicKey, fromHex(message), fromHex(signature))).resolves.toBe(true);
  });

  it('agrees with the portable implementation', () => {
    fc.assert(
      fc.property(bytes(32), fc.uint8Array(), (seed, message) => {
        const pair = ed25519FromSeed(toHex(seed));
        const signature = signEd25519(pair.privateKey, message);
        expect(pair.publicKey).toBe(toHex(portable.getPublicKey(seed)));
        expect(toHex(signature)).toBe(toHex(portable.sign(message, seed)));
      }),
      { numRuns: 25 },
    );
  });

  it('refuses a changed signature, message or key, and never throws on garbage', async () => {
    const pair = generateEd25519();
    const message = Uint8Array.of(1, 2, 3);
    const signature = signEd25519(pair.privateKey, message);
    const flipped = signature.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
    const cases: [string, Uint8Array, Uint8Array][] = [
      [pair.publicKey, message, flipped],
      [pair.publicKey, Uint8Array.of(1, 2, 4), signature],
      [generateEd25519().publicKey, message, signature],
      [pair.publicKey, message, signature.subarray(0, 63)],
      [pair.publicKey.toUpperCase(), message, signature],
      ['ff'.repeat(32), message, signature],
      ['', message, signature],
      [undefined as unknown as string, message, signature],
    ];
    for (const [key, text, sig] of cases) {
      expect(verifyEd25519(key, text, sig)).toBe(false);
      await expect(verifyEd25519Async(key, text, sig)).resolves.toBe(false);
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), bytes(32).map(toHex)), fc.uint8Array(), fc.oneof(fc.uint8Array(), bytes(64)), (key, text, sig) => {
        expect(verifyEd25519(key, text, sig)).toBe(false);
      }),
    );
  });

  it('refuses a signature whose R carries a small-order component, which lenient verifiers accept', () => {
    const pair = ed25519FromSeed('07'.repeat(32));
    const message = Uint8Array.of(9);
    const { R, S } = torsionedSignature(pair.privateKey, pair.publicKey, message);
    const signature = new Uint8Array([...R, ...S]);
    expect(portable.verify(signature, message, fromHex(pair.publicKey), { zip215: true })).toBe(true);
    expect(verifyEd25519(pair.publicKey, message, signature)).toBe(false);
  });
});

/** A signature over R + T with T of order 8: the cofactored equation holds, the cofactorless one does not. */
function torsionedSignature(privateKey: string, publicKey: string, message: Uint8Array): { R: Uint8Array; S: Uint8Array } {
  const { Point } = portable;
  const order = Point.Fn.ORDER;
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
  const { scalar } = portable.utils.getExtendedPublicKey(fromHex(privateKey));
  const nonce = 12345n;
  const R = Point.BASE.multiply(nonce).add(torsion).toBytes();
  const k = littleEndian(sha512(new Uint8Array([...R, ...fromHex(publicKey), ...message]))) % order;
  const s = (nonce + k * scalar) % order;
  const S = fromHex(s.toString(16).padStart(64, '0')).reverse();
  return { R, S };
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}

// X25519 against RFC 7748, the portable implementation, and points of small order.
import { x25519 as portable } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromHex, toHex } from './encoding.js';
import { generateX25519, X25519Secret, x25519FromPrivateKey } from './x25519.js';

it('gives the keys and the secret of RFC 7748 section 6.1', () => {
  const alice = X25519Secret.fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a');
  const bob = X25519Secret.fromHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb');
  expect(toHex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a');
  expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f');
  for (const secret of [alice.agree(bob.publicKey), bob.agree(alice.publicKey)]) {
    expect(toHex(secret)).toBe('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742');
  }
});

it('agrees with the portable implementation', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(key, key, (ours, theirs) => {
      expect(x25519FromPrivateKey(toHex(ours)).publicKey).toBe(toHex(portable.getPublicKey(ours)));
      const publicKey = portable.getPublicKey(theirs);
      expect(toHex(X25519Secret.fromHex(toHex(ours)).agree(publicKey))).toBe(toHex(portable.getSharedSecret(ours, publicKey)));
    }),
    { numRuns: 20 },
  );
});

it('makes keys that can be stored and read back', () => {
  const pair = generateX25519();
  expect(x25519FromPrivateKey(pair.privateKey)).toEqual(pair);
  expect(X25519Secret.fromHex(pair.privateKey).toHex()).toBe(pair.privateKey);
  expect(() => X25519Secret.fromHex('ab')).toThrow(expect.objectContaining({ code: 'BadLength' }));
});

it.each(['00'.repeat(32), `01${'00'.repeat(31)}`, 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'])(
  'refuses the point of small order %s',
  (point) => {
    expect(() => X25519Secret.generate().agree(fromHex(point))).toThrow(expect.objectContaining({ name: 'NoiseError', code: 'BadKey' }));
  },
);

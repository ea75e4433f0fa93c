// Both BLS back ends against published vectors, against each other, and on malformed points.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bls, blsBackend, blsFallbackReason } from './bls.js';
import { fromHex, toHex, utf8 } from './encoding.js';

const noble = blsBackend('noble');
const blst = blsBackend('blst');
const backends = [blst, noble];

// ethereum/bls12-381-tests v0.1.2: sign_case_8cd3d4d0d9a5b265 and fast_aggregate_verify_valid_3d7576f3c0e3570a.
const secretKeys = [
  '263dbd792f5b1be47ed85f8938c0f29586af0d3ac7b977f21c278fe1462040e3',
  '47b8192d77bf871b62e87859d653922725724a5c031afeabc60bcef5ff665138',
  '328388aff0d4a5b7dc9205abd374e7e98f3cd9f3418edb4eafda5fb16473d216',
];
const publicKeys = [
  'a491d1b0ecd9bb917989f0e74f0dea0422eac4a873e5e2644f368dffb9a6e20fd6e10c1b77654d067c0618f6e5a7f79a',
  'b301803f8b5ac4a1133581fc676dfedc60d891dd5fa99028805e5ea5b08d3491af75d0707adab3b70c6a6a580217bf81',
  'b53d21a4cfd562c469cc81514d4ce5a6b577d8403d32a394dc265dd190b47fa9f829fdd7963afdf972e5e77854051f6f',
];
const signature56 =
  '882730e5d03f6b42c3abc26d3372625034e1d871b65a8a6b900a56dae22da98abbe1b68f85e49fe7652a55ec3d0591c20767677e33e5cbb1207315c41a9ac03be39c2e7668edc043d6cb1d9fd93033caa8a1c5b0e84bedaeb6c64972503a43eb';
const aggregateAb =
  '9712c3edd73a209c742b8250759db12549b3eaf43b5ca61376d9f30e2747dbcf842d8b2ac0901d2a093713e20284a7670fcf6954e9ab93de991bb9b313e664785a075fc285806fa5224c82bde146561b446ccfc706a64b8579513cfc4ff1d930';
// chia bls-signatures, PopSchemeMPL; the key is that of a seed of 32 fours by KeyGen as it was in draft 3.
const keyOfFours = '258787ef728c898e43bc76244d70f468c9c7e1338a107b18b42da0d86b663c26';
const possessionOfFours =
  '84f709159435f0dc73b3e8bf6c78d85282d19231555a8ee3b6e2573aaf66872d9203fefa1ef700e34e7c3f3fb28210100558c6871c53f1ef6055b9f06b0d1abe22ad584ad3b957f3018a8f58227c6c716b1e15791459850f2289168fa0cf9115';

const message56 = new Uint8Array(32).fill(0x56);
const messageAb = new Uint8Array(32).fill(0xab);
const infinityKey = `c0${'00'.repeat(47)}`;
const infinitySignature = fromHex(`c0${'00'.repeat(95)}`);
// On the curve y² = x³ + 4 with x = 4, but outside the subgroup of prime order.
const outsideSubgroup = `80${'00'.repeat(46)}04`;

it('chooses the native back end here, and says so', () => {
  expect(bls.name).toBe('blst');
  expect(blsFallbackReason).toBeUndefined();
});

describe.each(backends.map((backend) => ({ name: backend.name, backend })))('$name', ({ backend }) => {
  it('gives the published keys and signatures', () => {
    expect(secretKeys.map((key) => backend.publicKey(key))).toEqual(publicKeys);
    expect(toHex(backend.sign(secretKeys[0]!, message56))).toBe(signature56);
    expect(backend.verify(publicKeys[0]!, message56, fromHex(signature56))).toBe(true);
    expect(toHex(backend.aggregate(secretKeys.map((key) => backend.sign(key, messageAb))))).toBe(aggregateAb);
    expect(backend.verifyAggregate(publicKeys, messageAb, fromHex(aggregateAb))).toBe(true);
    expect(toHex(backend.provePossession(keyOfFours))).toBe(possessionOfFours);
  });

  it.each<[string, string[], Uint8Array, string]>([
    ['another message', publicKeys, message56, aggregateAb],
    ['a key more', [...publicKeys, publicKeys[2]!], messageAb, aggregateAb],
    ['a key less', publicKeys.slice(1), messageAb, aggregateAb],
    ['a key at infinity', [...publicKeys, infinityKey], messageAb, aggregateAb],
    ['a key outside the subgroup', [...publicKeys, outsideSubgroup], messageAb, aggregateAb],
    ['a malformed key', [...publicKeys, 'zz'], messageAb, aggregateAb],
    ['no keys', [], messageAb, aggregateAb],
    ['no keys and the signature at infinity', [], messageAb, toHex(infinitySignature)],
    ['a changed signature', publicKeys, messageAb, `${aggregateAb.slice(0, -8)}ffffffff`],
    ['a short signature', publicKeys, messageAb, aggregateAb.slice(2)],
  ])('refuses an aggregate with %s', (_name, keys, message, signature) => {
    expect(backend.verifyAggregate(keys, message, fromHex(signature))).toBe(false);
  });

  it('refuses points at infinity and outside the subgroup', () => {
    expect(backend.validatePublicKey(publicKeys[0]!)).toBe(true);
    for (const key of [infinityKey, outsideSubgroup, '', publicKeys[0]!.toUpperCase(), '00'.repeat(48)]) {
      expect(backend.validatePublicKey(key)).toBe(false);
      expect(backend.verify(key, message56, fromHex(signature56))).toBe(false);
      expect(backend.verifyPossession(key, infinitySignature)).toBe(false);
    }
    expect(backend.verify(publicKeys[0]!, message56, infinitySignature)).toBe(false);
    expect(() => backend.aggregate([infinitySignature])).toThrow(expect.objectContaining({ code: 'BadSignature' }));
    expect(() => backend.aggregate([])).toThrow(expect.objectContaining({ code: 'Empty' }));
  });

  it('refuses secret keys outside 1 to r-1 and thin key material', () => {
    const order = '73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001';
    for (const key of ['00'.repeat(32), order, 'ff'.repeat(32), '01']) {
      expect(() => backend.sign(key, message56)).toThrow(expect.objectContaining({ code: 'BadSecretKey' }));
    }
    expect(() => backend.keyFromSeed(new Uint8Array(31))).toThrow(expect.objectContaining({ code: 'BadKeyMaterial' }));
  });

  it('tells a proof of possession from a signature over the key', () => {
    const proof = backend.provePossession(secretKeys[0]!);
    expect(backend.verifyPossession(publicKeys[0]!, proof)).toBe(true);
    expect(backend.verifyPossession(publicKeys[1]!, proof)).toBe(false);
    expect(backend.verifyPossession(publicKeys[0]!, backend.sign(secretKeys[0]!, fromHex(publicKeys[0]!)))).toBe(false);
    expect(backend.verify(publicKeys[0]!, fromHex(publicKeys[0]!), proof)).toBe(false);
  });
});

it('both back ends give the same bytes and accept the same signatures', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.uint8Array({ maxLength: 80 }), fc.nat(95), (material, message, position) => {
      const key = noble.keyFromSeed(material);
      const other = noble.keyFromSeed(new Uint8Array([...material, 1]));
      const [signature, second] = [blst.sign(key, message), blst.sign(other, message)];
      expect(blst.keyFromSeed(material)).toBe(key);
      expect(blst.publicKey(key)).toBe(noble.publicKey(key));
      expect(toHex(signature)).toBe(toHex(noble.sign(key, message)));
      const sum = blst.aggregate([signature, second]);
      expect(toHex(sum)).toBe(toHex(noble.aggregate([signature, second])));
      const flipped = sum.map((byte, i) => (i === position ? byte ^ 4 : byte));
      const keys = [blst.publicKey(key), blst.publicKey(other)];
      expect(backends.map((backend) => backend.verifyAggregate(keys, message, sum))).toEqual([true, true]);
      expect(backends.map((backend) => backend.verifyAggregate(keys, message, flipped))).toEqual([false, false]);
      const [good, single, bad] = [{ publicKeys: keys, message, signature: sum }, { publicKeys: [keys[0]!], message, signature }, { publicKeys: keys, message, signature: flipped }];
      expect(backends.map((backend) => [backend.verifyAggregates([]), backend.verifyAggregates([good, single, good])])).toEqual([[true, true], [true, true]]);
      expect(backends.map((backend) => [backend.verifyAggregates([bad]), backend.verifyAggregates([good, bad, single])])).toEqual([[false, false], [false, false]]);
    }),
    { numRuns: 8 },
  );
});

it('garbage is refused by both, without an exception', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constant(publicKeys[0]!)), fc.uint8Array({ maxLength: 100 }), (key, bytes) => {
      expect(backends.map((backend) => backend.verify(key, utf8('x'), bytes))).toEqual([false, false]);
    }),
  );
});

// The portable BLS back end (@noble/curves), and the only one with the proof-of-possession tag; about 20 times slower than the native one.
import { hkdfSync } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { LRUCache } from 'lru-cache';
import {
  BLS_MIN_KEY_MATERIAL_BYTES,
  BLS_POSSESSION_TAG,
  BLS_PUBLIC_KEY_BYTES,
  BLS_SECRET_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  BLS_SIGNATURE_TAG,
  BlsError,
  type BlsBackend,
} from './blsBackend.js';
import { concatBytes, fromHex, isHex, toHex, utf8 } from './encoding.js';
import { sha256 } from './hash.js';

const { longSignatures, G1 } = bls12_381;
type PublicPoint = ReturnType<typeof longSignatures.getPublicKey>;
type SignaturePoint = ReturnType<typeof longSignatures.sign>;

const ORDER = bls12_381.fields.Fr.ORDER;
const KEYGEN_SALT = utf8('BLS-SIG-KEYGEN-SALT-');
const KEYGEN_BYTES = 48;

const publicPoints = new LRUCache<string, PublicPoint>({ max: 1024 });

function secretBytes(secretKey: string): Uint8Array {
  if (!isHex(secretKey, BLS_SECRET_KEY_BYTES)) throw new BlsError('BadSecretKey', 'a BLS secret key is 32 bytes of lower-case hex');
  const scalar = BigInt(`0x${secretKey}`);
  if (scalar === 0n || scalar >= ORDER) throw new BlsError('BadSecretKey', 'the BLS secret key is outside 1 to r-1');
  return fromHex(secretKey);
}

function publicPoint(publicKey: string): PublicPoint | undefined {
  if (!isHex(publicKey, BLS_PUBLIC_KEY_BYTES)) return undefined;
  const known = publicPoints.get(publicKey);
  if (known) return known;
  try {
    const point = G1.Point.fromBytes(fromHex(publicKey));
    point.assertValidity();
    if (point.is0()) return undefined;
    publicPoints.set(publicKey, point);
    return point;
  } catch {
    return undefined;
  }
}

function signaturePoint(signature: Uint8Array): SignaturePoint | undefined {
  if (signature.length !== BLS_SIGNATURE_BYTES) return undefined;
  try {
    const point = longSignatures.Signature.fromBytes(signature);
    point.assertValidity();
    return point.is0() ? undefined : point;
  } catch {
    return undefined;
  }
}

function signTagged(secretKey: string, message: Uint8Array, tag: string): Uint8Array {
  return longSignatures.Signature.toBytes(longSignatures.sign(longSignatures.hash(message, tag), secretBytes(secretKey)));
}

function verifyPoint(key: PublicPoint | undefined, message: Uint8Array, signature: Uint8Array, tag: string): boolean {
  const point = signaturePoint(signature);
  if (key === undefined || point === undefined) return false;
  return longSignatures.verify(point, longSignatures.hash(message, tag), key);
}

export const blsNoble: BlsBackend = {
  name: 'noble',

  keyFromSeed(keyMaterial) {
    if (keyMaterial.length < BLS_MIN_KEY_MATERIAL_BYTES) {
      throw new BlsError('BadKeyMaterial', `${keyMaterial.length} bytes of key material, at least ${BLS_MIN_KEY_MATERIAL_BYTES} are needed`);
    }
    const material = concatBytes(keyMaterial, Uint8Array.of(0));
    const info = Uint8Array.of(0, KEYGEN_BYTES);
    let salt = KEYGEN_SALT;
    let scalar = 0n;
    while (scalar === 0n) {
      salt = sha256(salt);
      scalar = BigInt(`0x${toHex(new Uint8Array(hkdfSync('sha256', material, salt, info, KEYGEN_BYTES)))}`) % ORDER;
    }
    return scalar.toString(16).padStart(2 * BLS_SECRET_KEY_BYTES, '0');
  },

  publicKey: (secretKey) => toHex(longSignatures.getPublicKey(secretBytes(secretKey)).toBytes(true)),

  sign: (secretKey, message) => signTagged(secretKey, message, BLS_SIGNATURE_TAG),

  verify: (publicKey, message, signature) => verifyPoint(publicPoint(publicKey), message, signature, BLS_SIGNATURE_TAG),

  aggregate(signatures) {
    if (signatures.length === 0) throw new BlsError('Empty', 'no signatures to aggregate');
    const points = signatures.map((signature, i) => {
      const point = signaturePoint(signature);
      if (!point) throw new BlsError('BadSignature', `signature ${i} is no point of the BLS signature group`);
      return point;
    });
    return longSignatures.Signature.toBytes(longSignatures.aggregateSignatures(points));
  },

  verifyAggregate(publicKeys, message, signature) {
    const points = publicKeys.map(publicPoint).filter((point) => point !== undefined);
    if (points.length === 0 || points.length !== publicKeys.length) return false;
    const sum = longSignatures.aggregatePublicKeys(points);
    return verifyPoint(sum.is0() ? undefined : sum, message, signature, BLS_SIGNATURE_TAG);
  },

  verifyAggregates: (all) => all.every(({ publicKeys, message, signature }) => blsNoble.verifyAggregate(publicKeys, message, signature)),

  provePossession: (secretKey) => signTagged(secretKey, fromHex(blsNoble.publicKey(secretKey)), BLS_POSSESSION_TAG),

  verifyPossession(publicKey, proof) {
    const point = publicPoint(publicKey);
    return point !== undefined && verifyPoint(point, fromHex(publicKey), proof, BLS_POSSESSION_TAG);
  },

  validatePublicKey: (publicKey) => publicPoint(publicKey) !== undefined,
};

// The native BLS back end (blst through @chainsafe/blst); proofs of possession stay with the portable one, for the binding offers no domain tag.
import { createRequire } from 'node:module';
import type * as Blst from '@chainsafe/blst';
import { LRUCache } from 'lru-cache';
import {
  BLS_MIN_KEY_MATERIAL_BYTES,
  BLS_PUBLIC_KEY_BYTES,
  BLS_SECRET_KEY_BYTES,
  BLS_SIGNATURE_BYTES,
  BlsError,
  type AggregateSignature,
  type BlsBackend,
} from './blsBackend.js';
import { blsNoble } from './blsNoble.js';
import { fromHex, isHex, toHex } from './encoding.js';

/** In the first byte of a compressed point. */
const INFINITY_FLAG = 0x40;

/** Loads the native module. Throws BlsError 'NoBackend' where this machine has none. */
export function loadBlst(): BlsBackend {
  try {
    return backendOf(createRequire(import.meta.url)('@chainsafe/blst') as typeof Blst);
  } catch (cause) {
    throw new BlsError('NoBackend', `the native BLS module does not load on ${process.platform}/${process.arch}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

function backendOf(blst: typeof Blst): BlsBackend {
  const publicKeys = new LRUCache<string, Blst.PublicKey>({ max: 1024 });
  // Each seal is looked at when it is checked and when the certificate is made, each certificate when it is made and when it is checked.
  const signatures = new LRUCache<string, Blst.Signature>({ max: 512 });

  function secret(secretKey: string): Blst.SecretKey {
    if (!isHex(secretKey, BLS_SECRET_KEY_BYTES)) throw new BlsError('BadSecretKey', 'a BLS secret key is 32 bytes of lower-case hex');
    try {
      return blst.SecretKey.fromBytes(fromHex(secretKey));
    } catch (cause) {
      throw new BlsError('BadSecretKey', 'the BLS secret key is outside 1 to r-1', { cause });
    }
  }

  function parsePublicKey(publicKey: string): Blst.PublicKey | undefined {
    if (!isHex(publicKey, BLS_PUBLIC_KEY_BYTES)) return undefined;
    const known = publicKeys.get(publicKey);
    if (known) return known;
    try {
      const key = blst.PublicKey.fromBytes(fromHex(publicKey), true);
      publicKeys.set(publicKey, key);
      return key;
    } catch {
      return undefined;
    }
  }

  function parseSignature(signature: Uint8Array): Blst.Signature | undefined {
    if (signature.length !== BLS_SIGNATURE_BYTES) return undefined;
    const name = toHex(signature);
    const known = signatures.get(name);
    if (known) return known;
    try {
      return keep(name, blst.Signature.fromBytes(signature, true, true));
    } catch {
      return undefined;
    }
  }

  function keep(name: string, point: Blst.Signature): Blst.Signature {
    signatures.set(name, point);
    return point;
  }

  /** undefined when the list is empty or holds something else. */
  function parsePublicKeys(publicKeys: readonly string[]): Blst.PublicKey[] | undefined {
    const keys = publicKeys.map(parsePublicKey).filter((key) => key !== undefined);
    return keys.length === 0 || keys.length !== publicKeys.length ? undefined : keys;
  }

  function verifyAggregate({ publicKeys, message, signature }: AggregateSignature): boolean {
    const keys = parsePublicKeys(publicKeys);
    const point = parseSignature(signature);
    return keys !== undefined && point !== undefined && blst.fastAggregateVerify(message, keys, point, false);
  }

  return {
    name: 'blst',

    keyFromSeed(keyMaterial) {
      if (keyMaterial.length < BLS_MIN_KEY_MATERIAL_BYTES) {
        throw new BlsError('BadKeyMaterial', `${keyMaterial.length} bytes of key material, at least ${BLS_MIN_KEY_MATERIAL_BYTES} are needed`);
      }
      return toHex(blst.SecretKey.fromKeygen(keyMaterial).toBytes());
    },

    publicKey: (secretKey) => toHex(secret(secretKey).toPublicKey().toBytes()),

    sign: (secretKey, message) => secret(secretKey).sign(message).toBytes(),

    verify(publicKey, message, signature) {
      const key = parsePublicKey(publicKey);
      const point = parseSignature(signature);
      return key !== undefined && point !== undefined && blst.verify(message, key, point, false, false);
    },

    aggregate(parts) {
      if (parts.length === 0) throw new BlsError('Empty', 'no signatures to aggregate');
      const points = parts.map((signature, i) => {
        const point = parseSignature(signature);
        if (!point) throw new BlsError('BadSignature', `signature ${i} is no point of the BLS signature group`);
        return point;
      });
      const sum = blst.aggregateSignatures(points, false);
      const bytes = sum.toBytes();
      if ((bytes[0]! & INFINITY_FLAG) === 0) keep(toHex(bytes), sum);
      return bytes;
    },

    verifyAggregate: (publicKeys, message, signature) => verifyAggregate({ publicKeys, message, signature }),

    // Weighed with random numbers and added up, so that one final exponentiation does (ethresear.ch, "Fast verification of multiple BLS signatures").
    verifyAggregates(all) {
      if (all.length < 2) return all.every(verifyAggregate);
      const sets: Blst.SignatureSet[] = [];
      for (const { publicKeys, message, signature } of all) {
        const keys = parsePublicKeys(publicKeys);
        const sig = parseSignature(signature);
        if (keys === undefined || sig === undefined) return false;
        sets.push({ msg: message, pk: blst.aggregatePublicKeys(keys, false), sig });
      }
      return blst.verifyMultipleAggregateSignatures(sets, false, false);
    },

    provePossession: blsNoble.provePossession,
    verifyPossession: blsNoble.verifyPossession,
    validatePublicKey: (publicKey) => parsePublicKey(publicKey) !== undefined,
  };
}

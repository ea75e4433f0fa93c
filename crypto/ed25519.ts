// Ed25519 (RFC 8032) by OpenSSL: the one named verifier, so that all validators agree on borderline signatures.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { fromHex, isHex, plainBytes, toHex } from './encoding.js';

/** Raw 32-byte keys as hex; the private key is the RFC 8032 seed. */
export interface Ed25519KeyPair {
  privateKey: string;
  publicKey: string;
}

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

// Importing a private key costs up to 400 µs, ten times a signature.
const privateKeys = new LRUCache<string, KeyObject>({ max: 64 });
const publicKeys = new LRUCache<string, KeyObject>({ max: 4096 });

export function generateEd25519(): Ed25519KeyPair {
  const { privateKey } = generateKeyPairSync('ed25519');
  return ed25519FromSeed(privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_PREFIX.length).toString('hex'));
}

/** Key pair of a 32-byte seed (hex). Throws CodecError. */
export function ed25519FromSeed(seedHex: string): Ed25519KeyPair {
  const spki = createPublicKey(privateKeyObject(seedHex)).export({ format: 'der', type: 'spki' });
  return { privateKey: seedHex, publicKey: toHex(spki.subarray(SPKI_PREFIX.length)) };
}

/** 64-byte signature. Throws CodecError on a malformed private key. */
export function signEd25519(privateKeyHex: string, message: Uint8Array): Uint8Array {
  return plainBytes(sign(null, message, privateKeyObject(privateKeyHex)));
}

/** False on anything that is not a valid signature, malformed keys included; never throws. */
export function verifyEd25519(publicKeyHex: string, message: Uint8Array, signature: Uint8Array): boolean {
  const key = publicKeyObject(publicKeyHex);
  return key !== undefined && signature.length === SIGNATURE_BYTES && verify(null, message, key, signature);
}

/** The same on the thread pool: about 1.6 times the throughput on two cores. */
export function verifyEd25519Async(publicKeyHex: string, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const key = publicKeyObject(publicKeyHex);
  if (key === undefined || signature.length !== SIGNATURE_BYTES) return Promise.resolve(false);
  return new Promise((resolve) => {
    verify(null, message, key, signature, (error, ok) => resolve(error === null && ok));
  });
}

function privateKeyObject(seedHex: string): KeyObject {
  const known = privateKeys.get(seedHex);
  if (known) return known;
  const der = Buffer.concat([PKCS8_PREFIX, fromHex(seedHex, KEY_BYTES)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  privateKeys.set(seedHex, key);
  return key;
}

function publicKeyObject(publicKeyHex: string): KeyObject | undefined {
  if (!isHex(publicKeyHex, KEY_BYTES)) return undefined;
  const known = publicKeys.get(publicKeyHex);
  if (known) return known;
  // The JWK form imports ten times faster than DER.
  const x = Buffer.from(publicKeyHex, 'hex').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  publicKeys.set(publicKeyHex, key);
  return key;
}

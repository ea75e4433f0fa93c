// X25519 key agreement (RFC 7748) on node:crypto, with raw keys as hex.
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { fromHex, plainBytes, toHex } from './encoding.js';
import { NoiseError } from './noiseError.js';

export interface X25519KeyPair {
  privateKey: string;
  publicKey: string;
}

const KEY_BYTES = 32;
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');

export function generateX25519(): X25519KeyPair {
  const { privateKey } = generateKeyPairSync('x25519');
  return x25519FromPrivateKey(toHex(privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_PREFIX.length)));
}

/** Throws CodecError on anything but 32 bytes of hex. */
export function x25519FromPrivateKey(privateKey: string): X25519KeyPair {
  const spki = createPublicKey(privateKeyObject(privateKey)).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: toHex(spki.subarray(SPKI_PREFIX.length)) };
}

/** The shared secret, 32 bytes. Throws NoiseError 'BadKey' for a public key of small order, whose secret would be zero whoever asks. */
export function x25519(privateKey: string, publicKey: Uint8Array): Uint8Array {
  const theirs = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' });
  try {
    return plainBytes(diffieHellman({ privateKey: privateKeyObject(privateKey), publicKey: theirs }));
  } catch (cause) {
    throw new NoiseError('BadKey', `the X25519 public key ${toHex(publicKey)} gives no secret: it has small order`, { cause });
  }
}

function privateKeyObject(privateKey: string): KeyObject {
  const der = Buffer.concat([PKCS8_PREFIX, fromHex(privateKey, KEY_BYTES)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

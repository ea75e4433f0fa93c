// X25519 key agreement (RFC 7748) on node:crypto, with raw keys as hex.
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { fromHex, plainBytes, toHex } from './encoding.js';
import { NoiseError } from './noiseError.js';

export interface X25519KeyPair {
  privateKey: string;
  publicKey: string;
}

const KEY_BYTES = 32;
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

// Importing a private key costs about 400 µs, ten times an agreement; a program has one static key.
const imported = new LRUCache<string, X25519Secret>({ max: 16 });

/** A private key ready for use. */
export class X25519Secret {
  /** 32 bytes */
  readonly publicKey: Uint8Array;

  private constructor(private readonly key: KeyObject) {
    const { x } = createPublicKey(key).export({ format: 'jwk' });
    this.publicKey = plainBytes(Buffer.from(x!, 'base64url'));
  }

  static generate(): X25519Secret {
    return new X25519Secret(generateKeyPairSync('x25519').privateKey);
  }

  /** Throws CodecError on anything but 32 bytes of hex. */
  static fromHex(privateKey: string): X25519Secret {
    const known = imported.get(privateKey);
    if (known) return known;
    const der = Buffer.concat([PKCS8_PREFIX, fromHex(privateKey, KEY_BYTES)]);
    const secret = new X25519Secret(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    imported.set(privateKey, secret);
    return secret;
  }

  toHex(): string {
    return toHex(this.key.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_PREFIX.length));
  }

  /** The shared secret, 32 bytes. Throws NoiseError 'BadKey' for a public key of small order, whose secret would be zero whoever asks. */
  agree(publicKey: Uint8Array): Uint8Array {
    const x = Buffer.from(publicKey).toString('base64url');
    const theirs = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' });
    try {
      return plainBytes(diffieHellman({ privateKey: this.key, publicKey: theirs }));
    } catch (cause) {
      throw new NoiseError('BadKey', `the X25519 public key ${toHex(publicKey)} gives no secret: it has small order`, { cause });
    }
  }
}

export function generateX25519(): X25519KeyPair {
  const secret = X25519Secret.generate();
  return { privateKey: secret.toHex(), publicKey: toHex(secret.publicKey) };
}

/** Throws CodecError on anything but 32 bytes of hex. */
export function x25519FromPrivateKey(privateKey: string): X25519KeyPair {
  return { privateKey, publicKey: toHex(X25519Secret.fromHex(privateKey).publicKey) };
}

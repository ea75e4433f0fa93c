// The running key and transcript hash of a Noise handshake (revision 34, section 5.2) with SHA-256.
import { createHmac } from 'node:crypto';
import { concatBytes, plainBytes, utf8 } from './encoding.js';
import { sha256 } from './hash.js';
import { CipherState } from './noiseCipherState.js';

const NOTHING = new Uint8Array(0);

export class SymmetricState {
  #chainingKey: Uint8Array;
  #hash: Uint8Array;
  #cipher: CipherState | undefined;

  /** `protocol` of at most 32 bytes. */
  constructor(protocol: string) {
    const name = new Uint8Array(32);
    name.set(utf8(protocol));
    this.#hash = name;
    this.#chainingKey = name;
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = hkdf(this.#chainingKey, secret);
    this.#chainingKey = chainingKey;
    this.#cipher = new CipherState(key);
  }

  mixHash(data: Uint8Array): void {
    this.#hash = sha256(this.#hash, data);
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.#cipher?.encrypt(plaintext, this.#hash) ?? plaintext;
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#cipher?.decrypt(ciphertext, this.#hash) ?? ciphertext;
    this.mixHash(ciphertext);
    return plaintext;
  }

  get hasKey(): boolean {
    return this.#cipher !== undefined;
  }

  /** The initiator's sending cipher, then the responder's. */
  split(): [CipherState, CipherState] {
    const [first, second] = hkdf(this.#chainingKey, NOTHING);
    return [new CipherState(first), new CipherState(second)];
  }
}

function hkdf(chainingKey: Uint8Array, material: Uint8Array): [Uint8Array, Uint8Array] {
  const temporary = hmac(chainingKey, material);
  const first = hmac(temporary, Uint8Array.of(1));
  return [first, hmac(temporary, concatBytes(first, Uint8Array.of(2)))];
}

function hmac(key: Uint8Array, data: Uint8Array): Uint8Array {
  return plainBytes(createHmac('sha256', key).update(data).digest());
}

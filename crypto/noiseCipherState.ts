// One direction of a secure channel: ChaCha20-Poly1305 under a key and a counted nonce (Noise revision 34, sections 4.2 and 5.1).
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { concatBytes, plainBytes } from './encoding.js';
import { NoiseError } from './noiseError.js';

export const TAG_BYTES = 16;
/** Longest Noise message, and the most of plaintext that fits one. */
export const MAX_MESSAGE_BYTES = 65_535;
export const MAX_PLAINTEXT_BYTES = MAX_MESSAGE_BYTES - TAG_BYTES;
/** Messages under one key; then rekey, or handshake anew. */
export const MAX_MESSAGES_PER_KEY = 2 ** 32;

const ALGORITHM = 'chacha20-poly1305';
const NOTHING = new Uint8Array(0);
const REKEY_NONCE = Buffer.from('00000000ffffffffffffffff', 'hex');

export class CipherState {
  #key: Uint8Array;
  #nonce = 0;
  #used = 0;

  constructor(
    key: Uint8Array,
    private readonly limit: number = MAX_MESSAGES_PER_KEY,
  ) {
    this.#key = key;
  }

  /** Messages under the present key so far. */
  get used(): number {
    return this.#used;
  }

  /** Ciphertext with its tag: 16 bytes longer. Throws NoiseError 'TooLong' or 'KeyExhausted'. */
  encrypt(plaintext: Uint8Array, associated: Uint8Array = NOTHING): Uint8Array {
    if (plaintext.length > MAX_PLAINTEXT_BYTES) {
      throw new NoiseError('TooLong', `${plaintext.length} bytes of plaintext, a Noise message carries at most ${MAX_PLAINTEXT_BYTES}`);
    }
    this.checkLimit();
    const sealed = seal(this.#key, nonceBytes(this.#nonce), plaintext, associated);
    this.advance();
    return sealed;
  }

  /** Throws NoiseError 'NotAuthentic', 'TooShort', 'TooLong' or 'KeyExhausted'; the counter then stays. */
  decrypt(ciphertext: Uint8Array, associated: Uint8Array = NOTHING): Uint8Array {
    if (ciphertext.length > MAX_MESSAGE_BYTES)
      throw new NoiseError('TooLong', `${ciphertext.length} bytes, a Noise message has at most ${MAX_MESSAGE_BYTES}`);
    if (ciphertext.length < TAG_BYTES) throw new NoiseError('TooShort', `${ciphertext.length} bytes, an encrypted message has at least ${TAG_BYTES}`);
    this.checkLimit();
    const plaintext = open(this.#key, nonceBytes(this.#nonce), ciphertext, associated);
    this.advance();
    return plaintext;
  }

  /** Replaces the key by one from which it cannot be computed (section 4.2). Both ends do it between the same two messages. */
  rekey(): void {
    this.#key = seal(this.#key, REKEY_NONCE, new Uint8Array(32), NOTHING).subarray(0, 32);
    this.#used = 0;
  }

  private checkLimit(): void {
    if (this.#used >= this.limit) throw new NoiseError('KeyExhausted', `${this.#used} messages under one key; rekey or handshake anew`);
  }

  private advance(): void {
    this.#nonce += 1;
    this.#used += 1;
  }
}

function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associated, { plaintextLength: plaintext.length });
  return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
}

function open(key: Uint8Array, nonce: Uint8Array, ciphertext: Uint8Array, associated: Uint8Array): Uint8Array {
  const length = ciphertext.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(associated, { plaintextLength: length });
  decipher.setAuthTag(ciphertext.subarray(length));
  const plaintext = decipher.update(ciphertext.subarray(0, length));
  try {
    decipher.final();
  } catch (cause) {
    throw new NoiseError('NotAuthentic', 'the message was not encrypted by the other end, or was changed, lost or repeated on the way', { cause });
  }
  return plainBytes(plaintext);
}

/** Four zero bytes, then the counter little-endian (section 12.3). */
function nonceBytes(counter: number): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64LE(BigInt(counter), 4);
  return nonce;
}

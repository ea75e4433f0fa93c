// The handshake of the validators' links: Noise_XX_25519_ChaChaPoly_SHA256 (Noise revision 34) as a state machine without I/O.
import { concatBytes, toHex } from './encoding.js';
import { MAX_MESSAGE_BYTES, TAG_BYTES, type CipherState } from './noiseCipherState.js';
import { NoiseError } from './noiseError.js';
import { SymmetricState } from './noiseSymmetricState.js';
import { X25519Secret } from './x25519.js';

export { CipherState, MAX_PLAINTEXT_BYTES } from './noiseCipherState.js';
export { NoiseError, type NoiseErrorCode } from './noiseError.js';

export interface NoiseOptions {
  initiator: boolean;
  /** X25519 private key, hex. */
  staticKey: string;
  /** Both ends must give the same bytes. */
  prologue: Uint8Array;
  /** X25519 private key for known-answer tests; a fresh one otherwise, as secrecy demands. */
  ephemeralKey?: string;
}

export interface NoiseResult {
  send: CipherState;
  receive: CipherState;
  /** The other end's X25519 public key, hex. It is proved to be theirs; whether they are welcome is the caller's to decide. */
  remoteStatic: string;
  /** Unique to this session: sign it to bind another identity to the channel. */
  handshakeHash: Uint8Array;
}

/**
 * Messages alternate, the initiator's first, three in all; the first one's payload is in clear. Methods throw NoiseError;
 * after an error the handshake is over.
 */
export interface Noise {
  writeMessage(payload: Uint8Array): Uint8Array;
  /** Returns the payload. */
  readMessage(message: Uint8Array): Uint8Array;
  /** Set after the third message. */
  readonly done: NoiseResult | undefined;
}

type Token = 'e' | 's' | 'ee' | 'es' | 'se';
const PROTOCOL = 'Noise_XX_25519_ChaChaPoly_SHA256';
const PATTERN: Token[][] = [['e'], ['e', 'ee', 's', 'es'], ['s', 'se']];
const KEY_BYTES = 32;

export function createNoise(options: NoiseOptions): Noise {
  return new Handshake(options);
}

class Handshake implements Noise {
  private readonly symmetric = new SymmetricState(PROTOCOL);
  private readonly initiator: boolean;
  private readonly s: X25519Secret;
  private readonly e: X25519Secret;
  private rs: Uint8Array | undefined;
  private re: Uint8Array | undefined;
  private step = 0;
  private broken = false;
  private result: NoiseResult | undefined;

  constructor({ initiator, staticKey, prologue, ephemeralKey }: NoiseOptions) {
    this.initiator = initiator;
    this.s = X25519Secret.fromHex(staticKey);
    this.e = ephemeralKey === undefined ? X25519Secret.generate() : X25519Secret.fromHex(ephemeralKey);
    this.symmetric.mixHash(prologue);
  }

  get done(): NoiseResult | undefined {
    return this.result;
  }

  writeMessage(payload: Uint8Array): Uint8Array {
    return this.takeTurn(true, (tokens) => {
      const parts = tokens.map((token) => this.writeToken(token));
      const message = concatBytes(...parts, this.symmetric.encryptAndHash(payload));
      if (message.length > MAX_MESSAGE_BYTES)
        throw new NoiseError('TooLong', `the handshake message has ${message.length} bytes, at most ${MAX_MESSAGE_BYTES} are allowed`);
      return message;
    });
  }

  readMessage(message: Uint8Array): Uint8Array {
    return this.takeTurn(false, (tokens) => {
      if (message.length > MAX_MESSAGE_BYTES)
        throw new NoiseError('TooLong', `the handshake message has ${message.length} bytes, at most ${MAX_MESSAGE_BYTES} are allowed`);
      const rest = tokens.reduce((left, token) => left.subarray(this.readToken(token, left)), message);
      return this.symmetric.decryptAndHash(rest);
    });
  }

  private takeTurn(writing: boolean, act: (tokens: Token[]) => Uint8Array): Uint8Array {
    if (this.broken) throw new NoiseError('Broken', 'the handshake failed before; start a new one');
    const tokens = PATTERN[this.step];
    if (tokens === undefined) throw new NoiseError('Finished', 'the handshake is finished; use the ciphers in done');
    if (((this.step % 2 === 0) === this.initiator) !== writing) {
      throw new NoiseError(
        'OutOfTurn',
        `message ${this.step} is to be ${writing ? 'read' : 'written'} by the ${this.initiator ? 'initiator' : 'responder'}`,
      );
    }
    this.broken = true;
    const output = act(tokens);
    this.broken = false;
    this.step += 1;
    if (this.step === PATTERN.length) this.finish();
    return output;
  }

  private writeToken(token: Token): Uint8Array {
    if (token === 'e') {
      this.symmetric.mixHash(this.e.publicKey);
      return this.e.publicKey;
    }
    if (token === 's') return this.symmetric.encryptAndHash(this.s.publicKey);
    this.mixSecret(token);
    return new Uint8Array(0);
  }

  /** Returns how many bytes of the message the token took. */
  private readToken(token: Token, message: Uint8Array): number {
    if (token !== 'e' && token !== 's') {
      this.mixSecret(token);
      return 0;
    }
    const length = token === 's' && this.symmetric.hasKey ? KEY_BYTES + TAG_BYTES : KEY_BYTES;
    if (message.length < length)
      throw new NoiseError('TooShort', `message ${this.step} ends within the ${token === 'e' ? 'ephemeral' : 'static'} key`);
    const field = message.slice(0, length);
    if (token === 's') this.rs = this.symmetric.decryptAndHash(field);
    else {
      this.re = field;
      this.symmetric.mixHash(field);
    }
    return length;
  }

  private mixSecret(token: 'ee' | 'es' | 'se'): void {
    const ours = token === 'ee' || (token === 'es') === this.initiator ? this.e : this.s;
    const theirs = token === 'ee' || (token === 'se') === this.initiator ? this.re : this.rs;
    this.symmetric.mixKey(ours.agree(theirs!));
  }

  private finish(): void {
    const [first, second] = this.symmetric.split();
    const [send, receive] = this.initiator ? [first, second] : [second, first];
    this.result = { send, receive, remoteStatic: toHex(this.rs!), handshakeHash: this.symmetric.hash };
  }
}

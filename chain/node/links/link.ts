// One connection to another validator: Noise XX handshake, then encrypted records; pings, rekeying, back-pressure.
import type { Socket } from 'node:net';
import { createNoise, NoiseError, type CipherState, type Noise } from '../../../crypto/noiseXX.js';
import type { Validator } from '../../../receipts/types.js';
import { Reassembler, SendQueue, type Channel } from './channels.js';
import { checkLinkCertificate, linkPrologue } from './linkCertificate.js';
import { LinkError } from './linkError.js';
import { frameRecord, RecordReader } from './recordReader.js';

/** Milliseconds. */
export interface LinkTimings {
  handshake: number;
  pingEvery: number;
  deadAfter: number;
  rekeyEvery: number;
}
export const LINK_TIMINGS: LinkTimings = { handshake: 5_000, pingEvery: 2_000, deadAfter: 10_000, rekeyEvery: 3_600_000 };

/** X25519 key and nothing else: what the first message of an honest initiator measures. */
const FIRST_MESSAGE_BYTES = 32;
const CONTROL_RECORD = 0x80;
const PING = 1;
const PONG = 2;
const REKEY = 3;
/** Followed by the link certificate of another run with the key of the validator that is told. */
const OTHER_RUN = 4;

export interface LocalIdentity {
  chainId: string;
  /** Who may link, by number; may be replaced while links are up. */
  allowed: readonly (Validator | undefined)[];
  /** X25519 private key, fresh for each run. */
  staticKey: string;
  /** Encoded LinkCertificate. */
  certificate: Uint8Array;
  timings: LinkTimings;
}

export interface LinkHandlers {
  ready(link: Link): void;
  message(link: Link, channel: Channel, message: Uint8Array): void;
  /** Once, with the reason; NoiseError, LinkError or a socket's error. */
  closed(link: Link, reason: Error): void;
  /** The other end shows the certificate of a run with this validator's own key. */
  otherRun(link: Link, certificate: Uint8Array): void;
}

export class Link {
  /** Who is at the other end; set when ready. */
  index = -1;
  startedAt = 0;
  /** Encoded, of the other end; set when ready. */
  certificate: Uint8Array = new Uint8Array(0);
  lastHeardAt = Date.now();
  readonly #reader = new RecordReader();
  readonly #reassembler = new Reassembler();
  readonly #queue = new SendQueue();
  readonly #noise: Noise;
  readonly #handshakeTimer: NodeJS.Timeout;
  #ciphers: { send: CipherState; receive: CipherState } | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #rekeyedAt = Date.now();
  #blocked = false;
  #closed = false;
  #greeted = false;

  /** `expected`: the validator that was dialled; undefined for a connection from outside. */
  constructor(
    private readonly socket: Socket,
    private readonly local: LocalIdentity,
    private readonly expected: number | undefined,
    private readonly handlers: LinkHandlers,
  ) {
    const initiator = expected !== undefined;
    this.#noise = createNoise({ initiator, staticKey: local.staticKey, prologue: linkPrologue(local.chainId) });
    this.#handshakeTimer = setTimeout(() => this.close(new LinkError('HandshakeTimeout', 'the handshake took too long')), local.timings.handshake);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => {
      this.#blocked = false;
      this.#pump();
    });
    socket.on('error', (error) => this.close(error));
    socket.on('close', () => this.close(new LinkError('Closed', 'the other end closed the connection')));
    if (initiator) socket.write(frameRecord(this.#noise.writeMessage(new Uint8Array(0))));
  }

  /** Whether this end dialled. */
  get initiator(): boolean {
    return this.expected !== undefined;
  }
  get ready(): boolean {
    return this.#ciphers !== undefined && !this.#closed;
  }
  get waitingBytes(): number {
    return this.#queue.waitingBytes;
  }
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Queued by the channel's priority. Throws LinkError 'TooLong'. */
  send(channel: Channel, message: Uint8Array): void {
    if (this.#closed) return;
    this.#queue.push(channel, message);
    this.#pump();
  }

  close(reason: Error): void {
    if (!this.#closed) this.#end(reason, () => this.socket.destroy());
  }

  #end(reason: Error, endSocket: () => void): void {
    this.#closed = true;
    clearTimeout(this.#handshakeTimer);
    clearInterval(this.#heartbeat);
    endSocket();
    this.handlers.closed(this, reason);
  }

  /** Shows the other end that its key is in use by another run, and closes once that is sent. */
  closeForOtherRun(certificate: Uint8Array, reason: Error): void {
    if (this.#closed) return;
    this.send('control', Buffer.concat([Uint8Array.of(OTHER_RUN), certificate]));
    this.#end(reason, () => this.socket.destroySoon());
  }

  #received(chunk: Buffer): void {
    try {
      const records = this.#reader.push(chunk);
      if (!this.#greeted && this.expected === undefined && (this.#reader.announcedLength() ?? FIRST_MESSAGE_BYTES) !== FIRST_MESSAGE_BYTES && records.length === 0) {
        throw new LinkError('BadRecord', 'what arrived is no handshake');
      }
      for (const record of records) {
        if (this.#closed) return;
        if (this.#ciphers) this.#transported(this.#ciphers.receive.decrypt(record));
        else this.#shake(record);
      }
    } catch (error) {
      if (!(error instanceof LinkError || error instanceof NoiseError)) throw error;
      this.close(error);
    }
  }

  #shake(record: Buffer): void {
    if (this.expected === undefined && !this.#greeted) {
      if (record.length !== FIRST_MESSAGE_BYTES) throw new LinkError('BadRecord', 'what arrived is no handshake');
      this.#greeted = true;
      this.#noise.readMessage(record);
      this.socket.write(frameRecord(this.#noise.writeMessage(this.local.certificate)));
      return;
    }
    const certificate = this.#noise.readMessage(record);
    if (this.expected !== undefined) this.socket.write(frameRecord(this.#noise.writeMessage(this.local.certificate)));
    const done = this.#noise.done!;
    const { index, startedAt } = checkLinkCertificate(certificate, done.remoteStatic, this.local.chainId, this.local.allowed);
    if (this.expected !== undefined && index !== this.expected) {
      throw new LinkError('WrongPeer', `validator ${index} answered at the address of validator ${this.expected}`);
    }
    this.certificate = certificate;
    this.#open(done, index, startedAt);
  }

  #open(ciphers: { send: CipherState; receive: CipherState }, index: number, startedAt: number): void {
    this.index = index;
    this.startedAt = startedAt;
    this.#ciphers = ciphers;
    clearTimeout(this.#handshakeTimer);
    this.lastHeardAt = Date.now();
    this.#heartbeat = setInterval(() => this.#beat(), this.local.timings.pingEvery);
    this.handlers.ready(this);
    this.#pump();
  }

  #transported(record: Uint8Array): void {
    this.lastHeardAt = Date.now();
    const complete = this.#reassembler.push(record);
    if (!complete) return;
    if (complete.channel !== 'control') return this.handlers.message(this, complete.channel, complete.message);
    const kind = complete.message[0];
    if (kind === PING) this.send('control', Uint8Array.of(PONG));
    else if (kind === REKEY) this.#ciphers!.receive.rekey();
    else if (kind === OTHER_RUN) this.handlers.otherRun(this, complete.message.subarray(1));
    else if (kind !== PONG) throw new LinkError('BadRecord', `an unknown control message ${kind}`);
  }

  #beat(): void {
    const now = Date.now();
    const silent = now - this.lastHeardAt;
    const { pingEvery, deadAfter, rekeyEvery } = this.local.timings;
    if (silent > deadAfter) return this.close(new LinkError('Dead', `nothing was heard for ${silent} ms`));
    if (silent >= pingEvery) this.send('control', Uint8Array.of(PING));
    if (now - this.#rekeyedAt > rekeyEvery) {
      this.#rekeyedAt = now;
      this.send('control', Uint8Array.of(REKEY));
    }
  }

  #pump(): void {
    if (!this.#ciphers || this.#blocked || this.#closed) return;
    this.socket.cork();
    for (let record = this.#queue.next(); record; record = this.#queue.next()) {
      this.#blocked = !this.socket.write(frameRecord(this.#ciphers.send.encrypt(record)));
      if (record[0] === CONTROL_RECORD && record[1] === REKEY) this.#ciphers.send.rekey();
      if (this.#blocked) break;
    }
    this.socket.uncork();
  }
}

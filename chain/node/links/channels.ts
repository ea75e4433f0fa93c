// Messages of several priorities over one link: each is cut into records, so that a vote never waits for the rest of a block.
import { LinkError } from './linkError.js';

/** In order of priority: the link's own affairs, votes, proposals with their blocks, everything else. */
export const CHANNELS = ['control', 'votes', 'blocks', 'bulk'] as const;
export type Channel = (typeof CHANNELS)[number];

export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** Of one record's message part; with the header and the cipher's tag it fits a Noise message. */
export const MAX_PART_BYTES = 32 * 1024;
/** What may wait for one peer in one channel. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024;

const LAST = 0x80;

/** Messages waiting for one peer. A full channel drops its oldest message that has not begun: newer ones matter more. */
export class SendQueue {
  readonly #waiting: Uint8Array[][] = CHANNELS.map(() => []);
  readonly #bytes: number[] = CHANNELS.map(() => 0);
  readonly #sent: number[] = CHANNELS.map(() => 0);
  #dropped = 0;

  constructor(private readonly maxWaiting = MAX_WAITING_BYTES) {}

  get dropped(): number {
    return this.#dropped;
  }
  get waitingBytes(): number {
    return this.#bytes.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Throws LinkError 'TooLong'. */
  push(channel: Channel, message: Uint8Array): void {
    if (message.length === 0 || message.length > MAX_MESSAGE_BYTES) {
      throw new LinkError('TooLong', `a message of ${message.length} bytes; 1 to ${MAX_MESSAGE_BYTES} are allowed`);
    }
    const at = CHANNELS.indexOf(channel);
    const waiting = this.#waiting[at]!;
    waiting.push(message);
    this.#bytes[at]! += message.length;
    const begun = this.#sent[at]! > 0 ? 1 : 0;
    while (this.#bytes[at]! > this.maxWaiting && waiting.length > begun + 1) {
      const [oldest] = waiting.splice(begun, 1);
      this.#bytes[at]! -= oldest!.length;
      this.#dropped += 1;
    }
  }

  /** The next record's plaintext: one byte of channel and last-part flag, then the part; undefined when nothing waits. */
  next(): Buffer | undefined {
    const at = this.#waiting.findIndex((messages) => messages.length > 0);
    if (at < 0) return undefined;
    const message = this.#waiting[at]![0]!;
    const from = this.#sent[at]!;
    const part = message.subarray(from, from + MAX_PART_BYTES);
    const last = from + part.length === message.length;
    if (last) {
      this.#waiting[at]!.shift();
      this.#bytes[at]! -= message.length;
    }
    this.#sent[at] = last ? 0 : from + part.length;
    const record = Buffer.allocUnsafe(1 + part.length);
    record[0] = at | (last ? LAST : 0);
    record.set(part, 1);
    return record;
  }
}

/** Puts the parts together again. */
export class Reassembler {
  readonly #parts: Uint8Array[][] = CHANNELS.map(() => []);
  readonly #bytes: number[] = CHANNELS.map(() => 0);

  /** The message that this record completes. Throws LinkError 'BadRecord' or 'TooLong': the link is then to be closed. */
  push(record: Uint8Array): { channel: Channel; message: Uint8Array } | undefined {
    const head = record[0];
    const at = head === undefined ? -1 : head & ~LAST;
    const channel = CHANNELS[at];
    if (head === undefined || channel === undefined || record.length === 1) throw new LinkError('BadRecord', 'a record without channel or content');
    this.#parts[at]!.push(record.subarray(1));
    this.#bytes[at]! += record.length - 1;
    if (this.#bytes[at]! > MAX_MESSAGE_BYTES) throw new LinkError('TooLong', `a message of more than ${MAX_MESSAGE_BYTES} bytes`);
    if ((head & LAST) === 0) return undefined;
    const parts = this.#parts[at]!;
    this.#parts[at] = [];
    this.#bytes[at] = 0;
    return { channel, message: parts.length === 1 ? parts[0]! : Buffer.concat(parts) };
  }
}

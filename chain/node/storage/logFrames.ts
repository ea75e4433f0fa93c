// The framing of append-only logs: length, checksum, and how much of the file was durable when the frame was written.
import { crc32 } from 'node:zlib';

export const LOG_MAGIC = Buffer.from('ENCLOG1\n');
/** u32 length of the payload, u32 CRC-32 of what follows, u64 durable length of the file when this was written. */
const FRAME_HEADER_BYTES = 16;
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

export interface ParsedLog {
  payloads: Uint8Array[];
  /** Length of the intact part. */
  end: number;
  /** 'clean': nothing or zeros follow `end`; 'torn': what follows was never reported durable, cut it off; 'corrupt': it was, and is damaged. */
  tail: 'clean' | 'torn' | 'corrupt';
}

export function encodeFrame(payload: Uint8Array, durable: number): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame.writeBigUInt64BE(BigInt(durable), 8);
  frame.set(payload, FRAME_HEADER_BYTES);
  frame.writeUInt32BE(crc32(frame.subarray(8)), 4);
  return frame;
}

/** A whole log that appears at once; a frame without payload at its end says that all before it is durable. */
export function encodeLog(payloads: Iterable<Uint8Array>): Buffer {
  const content = Buffer.concat([LOG_MAGIC, ...Array.from(payloads, (payload) => encodeFrame(payload, 0))]);
  return Buffer.concat([content, encodeFrame(new Uint8Array(0), content.length)]);
}

interface Frame {
  payload: Uint8Array;
  durable: number;
  end: number;
}

function frameAt(bytes: Buffer, at: number): Frame | undefined {
  if (at + FRAME_HEADER_BYTES > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  const end = at + FRAME_HEADER_BYTES + length;
  if (length > MAX_PAYLOAD_BYTES || end > bytes.length) return undefined;
  const durable = bytes.readBigUInt64BE(at + 8);
  if (durable > BigInt(at)) return undefined;
  if (crc32(bytes.subarray(at + 8, end)) !== bytes.readUInt32BE(at + 4)) return undefined;
  return { payload: bytes.subarray(at + FRAME_HEADER_BYTES, end), durable: Number(durable), end };
}

/**
 * Reads a log as a crash may have left it. Of frames that were written together and not yet synced any part may be missing; only
 * a later frame that says the damaged place had been durable shows real damage.
 */
export function parseLog(file: Uint8Array): ParsedLog {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  const payloads: Uint8Array[] = [];
  if (bytes.length < LOG_MAGIC.length) return { payloads, end: 0, tail: bytes.length === 0 ? 'clean' : 'torn' };
  if (!bytes.subarray(0, LOG_MAGIC.length).equals(LOG_MAGIC)) return { payloads, end: 0, tail: 'corrupt' };
  let at = LOG_MAGIC.length;
  for (let frame = frameAt(bytes, at); frame; frame = frameAt(bytes, at)) {
    if (frame.payload.length > 0) payloads.push(frame.payload);
    at = frame.end;
  }
  if (bytes.subarray(at).every((byte) => byte === 0)) return { payloads, end: at, tail: 'clean' };
  for (let later = at + 1; later < bytes.length; later++) {
    const frame = frameAt(bytes, later);
    if (frame && frame.durable > at) return { payloads, end: at, tail: 'corrupt' };
  }
  return { payloads, end: at, tail: 'torn' };
}

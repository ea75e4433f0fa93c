// Bytes to text and back, strictly: each byte string has exactly one accepted hex and one accepted base64 form.

export type CodecErrorCode = 'BadHex' | 'BadBase64' | 'BadUtf8' | 'BadLength';

export class CodecError extends Error {
  override readonly name = 'CodecError';
  constructor(
    readonly code: CodecErrorCode,
    message: string,
  ) {
    super(message);
  }
}

const HEX = /^(?:[0-9a-f]{2})*$/;
const encoder = new TextEncoder();
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
/** The same bytes as a plain Uint8Array, for node's functions return Buffers, which print and compare differently. */
export function plainBytes(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}...` : text);

/** Lower-case hex without prefix. */
export function toHex(bytes: Uint8Array): string {
  return view(bytes).toString('hex');
}

/** Accepts lower-case hex without prefix only. `length` = the number of bytes that is expected. Throws CodecError. */
export function fromHex(hex: string, length?: number): Uint8Array {
  if (typeof hex !== 'string') throw new CodecError('BadHex', `expected a hex string, got ${typeof hex}`);
  if (!HEX.test(hex)) throw new CodecError('BadHex', `"${shorten(hex)}" is not hex: ${hexFault(hex)}`);
  if (length !== undefined && hex.length !== 2 * length) {
    throw new CodecError('BadLength', `"${shorten(hex)}" has ${hex.length / 2} bytes, expected ${length}`);
  }
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function hexFault(hex: string): string {
  const at = hex.search(/[^0-9a-f]/);
  if (at < 0) return `${hex.length} digits, expected an even number`;
  return `character "${hex[at]}" at ${at}, expected 0-9 or a-f in lower case without prefix`;
}

/** True when `text` is lower-case hex of exactly `length` bytes. */
export function isHex(text: unknown, length: number): text is string {
  return typeof text === 'string' && text.length === 2 * length && HEX.test(text);
}

/** Standard alphabet with padding (RFC 4648, section 4). */
export function toBase64(bytes: Uint8Array): string {
  return view(bytes).toString('base64');
}

/** Accepts only what toBase64 writes: no other alphabet, no missing padding, no stray bits. Throws CodecError. */
export function fromBase64(text: string): Uint8Array {
  if (typeof text !== 'string') throw new CodecError('BadBase64', `expected a base64 string, got ${typeof text}`);
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    throw new CodecError('BadBase64', `"${shorten(text)}" is not base64 as RFC 4648 section 4 writes it (with padding, without spaces)`);
  }
  return Uint8Array.from(bytes);
}

/** Without half surrogate pairs, so that it has a UTF-8 form. (ES2024; in Node since 20, not yet in the types.) */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Decodes UTF-8; malformed bytes throw CodecError, a byte order mark is kept. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch (cause) {
    throw new CodecError('BadUtf8', `the ${bytes.length} bytes are not UTF-8: ${(cause as Error).message}`);
  }
}

export function concatBytes(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    out.set(part, offset);
    offset += part.length;
  }
  return out;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Big-endian unsigned 64-bit; `value` is a safe non-negative integer. */
export function u64be(value: number): Uint8Array {
  const out = Buffer.alloc(8);
  out.writeBigUInt64BE(BigInt(value));
  return plainBytes(out);
}

/** Big-endian unsigned 32-bit. */
export function u32be(value: number): Uint8Array {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value);
  return plainBytes(out);
}

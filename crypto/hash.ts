// SHA-256 (FIPS 180-4), the only hash of the project.
import { createHash, hash } from 'node:crypto';
import { plainBytes } from './encoding.js';

/** Hash of the concatenation of the parts, 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  if (parts.length === 1) return plainBytes(hash('sha256', parts[0]!, 'buffer'));
  const state = createHash('sha256');
  for (const part of parts) state.update(part);
  return plainBytes(state.digest());
}

/** Hash of the UTF-8 form of the text, 32 bytes. */
export function sha256OfText(text: string): Uint8Array {
  return plainBytes(hash('sha256', text, 'buffer'));
}

/** Hash of the bytes, or of the UTF-8 form of the text, as hex. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data);
}

/** A digest as 32 one-byte characters: the smallest form in memory and the fastest to make, for trees of many hashes. */
export type PackedDigest = string;

export function sha256Packed(data: Uint8Array | string): PackedDigest {
  return hash('sha256', data, 'binary');
}

// SHA-256 (FIPS 180-4), the only hash of the project.
import { createHash } from 'node:crypto';

/** Hash of the concatenation of the parts, 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Hash of the bytes, or of the UTF-8 form of the text, as hex. */
export function sha256Hex(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

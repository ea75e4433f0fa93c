// Names a build by everything that goes into it, so that a cached result is used exactly when building again would give the same.
import { createHash } from 'node:crypto';

/** The first 16 hex digits of SHA-256 over the parts, each with its length before it. */
export function contentKey(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}

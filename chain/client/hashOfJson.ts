// The hash by which the ledger names JSON, for programs that may not import cryptography themselves.
import { sha256OfJson } from '../../crypto/canonicalJson.js';

/** sha256 of the canonical JSON, hex: templateHash, the hash of a spec. Throws CanonicalJsonError on numbers that are no integers. */
export function hashOfJson(value: unknown): string {
  return sha256OfJson(value);
}

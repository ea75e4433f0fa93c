// Entry bundles (C2SP tlog-tiles, log entries): each entry after its length as 16 bits, big-endian.
import { concatBytes } from '../../crypto/encoding.js';

export const MAX_ENTRY_BYTES = 65_535;

/** Throws RangeError when an entry is longer than MAX_ENTRY_BYTES. */
export function encodeEntryBundle(entries: Uint8Array[]): Uint8Array {
  return concatBytes(
    ...entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES) throw new RangeError(`a log entry has ${entry.length} bytes, at most ${MAX_ENTRY_BYTES} fit`);
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry];
    }),
  );
}

/** The entries, or undefined when the bundle ends within one. */
export function decodeEntryBundle(bundle: Uint8Array): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    if (offset + 2 > bundle.length) return undefined;
    const end = offset + 2 + ((bundle[offset]! << 8) | bundle[offset + 1]!);
    if (end > bundle.length) return undefined;
    entries.push(bundle.slice(offset + 2, end));
    offset = end;
  }
  return entries;
}

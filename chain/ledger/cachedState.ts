// Remembers what was read of the state at the head, parsed, from one block to the next: most operations ask for the same few records.
import type { Listing, StateReader } from './state.js';

/** Then all is forgotten. */
const MAX_RECORDS = 4_096;
/** Longer listings are not kept: they would hold most of the state in memory. */
const MAX_LISTED = 4_096;

interface Known {
  text: string | undefined;
  /** What the text says; absent until it is asked for. It is parsed from the text even where the value that was written is at hand, so that a program that has just started sees the same. */
  value?: unknown;
}

export class CachedState implements StateReader {
  readonly #known = new Map<string, Known>();
  readonly #listings = new Map<string, Listing>();

  constructor(private readonly base: StateReader) {}

  get(key: string): string | undefined {
    return this.#record(key).text;
  }

  list(prefix: string): Iterable<[key: string, value: string]> {
    return this.base.list(prefix);
  }

  value(key: string): unknown {
    const known = this.#record(key);
    if (known.text === undefined) return undefined;
    return (known.value ??= JSON.parse(known.text));
  }

  listing(prefix: string): Listing {
    const known = this.#listings.get(prefix);
    if (known) return known;
    const entries = [...this.base.list(prefix)];
    const listing: Listing = { keys: entries.map(([key]) => key), values: entries.map(([, text]) => JSON.parse(text) as unknown) };
    if (entries.length <= MAX_LISTED) this.#listings.set(prefix, listing);
    return listing;
  }

  /** The state below has changed by a block. */
  changed(changes: readonly [key: string, value: string | undefined][]): void {
    for (const [key, text] of changes) if (this.#known.has(key)) this.#known.set(key, { text });
    for (const [prefix, listing] of this.#listings) {
      const inside = changes.filter(([key]) => key.startsWith(prefix));
      if (inside.length > 0) this.#listings.set(prefix, relisted(listing, inside));
    }
  }

  #record(key: string): Known {
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= MAX_RECORDS) this.#known.clear();
    const found: Known = { text: this.base.get(key) };
    this.#known.set(key, found);
    return found;
  }
}

/** Values that did not change stay the same objects, so that what was worked out of them stands. */
function relisted({ keys, values }: Listing, changes: readonly [key: string, value: string | undefined][]): Listing {
  const merged = new Map(keys.map((key, index) => [key, values[index]]));
  let added = false;
  for (const [key, text] of changes) {
    if (text === undefined) merged.delete(key);
    else {
      added ||= !merged.has(key);
      merged.set(key, JSON.parse(text));
    }
  }
  const ordered = added ? [...merged].sort(([a], [b]) => (a < b ? -1 : 1)) : [...merged];
  return { keys: ordered.map(([key]) => key), values: ordered.map(([, value]) => value) };
}

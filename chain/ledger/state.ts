// The ledger's records by key: what a block reads, and the copy-on-write layer that holds what it would change.
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { lowerBound } from './sortedKeys.js';

/** Values are canonical JSON. `list` yields the records whose key has the prefix, in key order. */
export interface StateReader {
  get(key: string): string | undefined;
  list(prefix: string): Iterable<[key: string, value: string]>;
  /** The same parsed, of a reader that keeps what it has parsed; the values are shared and must not be changed. */
  value?(key: string): unknown;
  listing?(prefix: string): Listing;
}

interface Change {
  /** undefined: the record is removed. */
  value: unknown;
  text?: string;
}
/** In key order. */
export interface Listing {
  keys: readonly string[];
  values: readonly unknown[];
}

/**
 * Changes over a reader that stays as it is: dropped by forgetting it, or committed by applying `changes()`. Records that were
 * read or written are shared, so they must not be changed in place; make a new one and write it.
 */
export class Overlay implements StateReader {
  readonly #changes = new Map<string, Change>();
  readonly #parsed = new Map<string, unknown>();
  readonly #listings = new Map<string, Listing>();

  constructor(private readonly base: StateReader) {}

  get(key: string): string | undefined {
    const change = this.#changes.get(key);
    return change ? textOf(change) : this.base.get(key);
  }

  *list(prefix: string): Iterable<[string, string]> {
    const written = this.#writtenKeys(prefix);
    let next = 0;
    for (const entry of this.base.list(prefix)) {
      for (; next < written.length && written[next]! < entry[0]; next++) yield* this.#entry(written[next]!);
      if (written[next] !== entry[0]) yield entry;
    }
    for (; next < written.length; next++) yield* this.#entry(written[next]!);
  }

  /** The record as a value. */
  read<T>(key: string): T | undefined {
    const change = this.#changes.get(key);
    if (change) return change.value as T | undefined;
    if (this.base instanceof Overlay) return this.base.read<T>(key);
    if (this.base.value) return this.base.value(key) as T | undefined;
    if (!this.#parsed.has(key)) {
      const text = this.base.get(key);
      this.#parsed.set(key, text === undefined ? undefined : JSON.parse(text));
    }
    return this.#parsed.get(key) as T | undefined;
  }

  /** The values of the records whose key has the prefix, in key order. */
  records<T>(prefix: string): readonly T[] {
    return this.#listing(prefix).values as readonly T[];
  }

  write(key: string, value: object): void {
    this.#set(key, { value });
  }

  remove(key: string): void {
    this.#set(key, { value: undefined });
  }

  /** A layer over this one, for an operation that may yet be refused. */
  fork(): Overlay {
    return new Overlay(this);
  }

  /** Takes over a fork's changes. */
  adopt(fork: Overlay): void {
    for (const [key, change] of fork.#changes) this.#set(key, change);
  }

  /** What differs from the reader below, as it was written: undefined removes. Each key once. */
  *changes(): Iterable<[key: string, value: string | undefined]> {
    for (const [key, change] of this.#changes) yield [key, textOf(change)];
  }

  changedKeys(): Iterable<string> {
    return this.#changes.keys();
  }

  #set(key: string, change: Change): void {
    this.#changes.set(key, change);
    for (const [prefix, listing] of this.#listings) {
      if (key.startsWith(prefix)) this.#listings.set(prefix, patched(listing, key, change.value));
    }
  }

  #listing(prefix: string): Listing {
    const known = this.#listings.get(prefix);
    if (known) return known;
    const listing = this.#makeListing(prefix);
    this.#listings.set(prefix, listing);
    return listing;
  }

  #makeListing(prefix: string): Listing {
    if (!(this.base instanceof Overlay)) {
      if (this.base.listing) return this.#withWritten(prefix, this.base.listing(prefix));
      const keys = [...this.list(prefix)].map(([key]) => key);
      return { keys, values: keys.map((key) => this.read(key)) };
    }
    return this.#withWritten(prefix, this.base.#listing(prefix));
  }

  #withWritten(prefix: string, listing: Listing): Listing {
    return this.#writtenKeys(prefix).reduce((changed, key) => patched(changed, key, this.#changes.get(key)!.value), listing);
  }

  #writtenKeys(prefix: string): string[] {
    return [...this.#changes.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  *#entry(key: string): Iterable<[string, string]> {
    const text = textOf(this.#changes.get(key)!);
    if (text !== undefined) yield [key, text];
  }
}

function textOf(change: Change): string | undefined {
  if (change.value === undefined) return undefined;
  return (change.text ??= canonicalJson(change.value));
}

function patched({ keys, values }: Listing, key: string, value: unknown): Listing {
  const at = lowerBound(keys, key);
  const present = keys[at] === key ? 1 : 0;
  if (value === undefined) return present ? { keys: keys.toSpliced(at, 1), values: values.toSpliced(at, 1) } : { keys, values };
  if (present) return { keys, values: values.with(at, value) };
  return { keys: keys.toSpliced(at, 0, key), values: values.toSpliced(at, 0, value) };
}

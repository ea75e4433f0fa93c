// Remembers what was read of a state that does not change meanwhile: many operations of one block ask for the same few records.
import type { StateReader } from './state.js';

/** Then all is forgotten. */
const MAX_RECORDS = 4_096;

export class CachedState implements StateReader {
  readonly #known = new Map<string, string | undefined>();

  constructor(private readonly base: StateReader) {}

  get(key: string): string | undefined {
    const known = this.#known.get(key);
    if (known !== undefined || this.#known.has(key)) return known;
    if (this.#known.size >= MAX_RECORDS) this.#known.clear();
    const found = this.base.get(key);
    this.#known.set(key, found);
    return found;
  }

  list(prefix: string): Iterable<[key: string, value: string]> {
    return this.base.list(prefix);
  }

  /** The state below has changed. */
  forget(): void {
    this.#known.clear();
  }
}

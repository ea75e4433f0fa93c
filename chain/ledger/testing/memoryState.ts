// Committed state in memory, for tests.
import type { StateReader } from '../state.js';

export class MemoryState implements StateReader {
  readonly #values: Map<string, string>;

  constructor(entries: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(entries);
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  *list(prefix: string): Iterable<[string, string]> {
    const keys = [...this.#values.keys()].filter((key) => key.startsWith(prefix)).sort();
    for (const key of keys) yield [key, this.#values.get(key)!];
  }

  apply(changes: Iterable<readonly [string, string | undefined]>): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
  }

  entries(): [string, string][] {
    return [...this.list('')];
  }
}

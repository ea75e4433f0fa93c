// Committed state in memory, for tests and measurements; keys are kept in order, so that a list costs what it yields.
import type { StateReader } from '../state.js';

export class MemoryState implements StateReader {
  readonly #values: Map<string, string>;
  #keys: string[];

  constructor(entries: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(entries);
    this.#keys = [...this.#values.keys()].sort();
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  *list(prefix: string): Iterable<[string, string]> {
    const keys = this.#keys;
    for (let at = this.#place(prefix); at < keys.length && keys[at]!.startsWith(prefix); at++) yield [keys[at]!, this.#values.get(keys[at]!)!];
  }

  /** Who is listing goes on with the keys as they were. */
  apply(changes: Iterable<readonly [string, string | undefined]>): void {
    const keys = [...this.#keys];
    for (const [key, value] of changes) {
      const at = this.#place(key, keys);
      const isKnown = keys[at] === key;
      if (value === undefined) {
        this.#values.delete(key);
        if (isKnown) keys.splice(at, 1);
      } else {
        this.#values.set(key, value);
        if (!isKnown) keys.splice(at, 0, key);
      }
    }
    this.#keys = keys;
  }

  entries(): [string, string][] {
    return [...this.list('')];
  }

  get size(): number {
    return this.#keys.length;
  }

  #place(key: string, keys = this.#keys): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

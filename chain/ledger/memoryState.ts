// Committed state in memory, for replays, tests and measurements; keys are kept in order, so that a list costs what it yields.
import { lowerBound, withChanges } from './sortedKeys.js';
import type { StateReader } from './state.js';

export class MemoryState implements StateReader {
  readonly #values: Map<string, string>;
  #keys: readonly string[];

  constructor(entries: Iterable<readonly [string, string]> = []) {
    this.#values = new Map(entries);
    this.#keys = [...this.#values.keys()].sort();
  }

  get(key: string): string | undefined {
    return this.#values.get(key);
  }

  *list(prefix: string): Iterable<[string, string]> {
    const keys = this.#keys;
    for (let at = lowerBound(keys, prefix); at < keys.length && keys[at]!.startsWith(prefix); at++) yield [keys[at]!, this.#values.get(keys[at]!)!];
  }

  /** Each key once. Who is listing goes on with the keys as they were. */
  apply(changes: Iterable<readonly [string, string | undefined]>): void {
    const added: string[] = [];
    const removed = new Set<string>();
    for (const [key, value] of changes) {
      if (value === undefined) {
        if (this.#values.delete(key)) removed.add(key);
      } else {
        if (!this.#values.has(key)) added.push(key);
        this.#values.set(key, value);
      }
    }
    if (added.length > 0 || removed.size > 0) this.#keys = withChanges(this.#keys, added, removed);
  }

  entries(): [string, string][] {
    return [...this.list('')];
  }

  get size(): number {
    return this.#keys.length;
  }
}

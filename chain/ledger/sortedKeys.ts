// Keys in order: where one stands, and a list with others put in and taken out at once.

/** Index of the first that is not below `key`. */
export function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A new list; `added` are not in it yet. In proportion to its length, however many change. */
export function withChanges(keys: readonly string[], added: readonly string[], removed: ReadonlySet<string>): string[] {
  const fresh = [...added].sort();
  const merged: string[] = [];
  let next = 0;
  for (const key of keys) {
    while (next < fresh.length && fresh[next]! < key) merged.push(fresh[next++]!);
    if (!removed.has(key)) merged.push(key);
  }
  return merged.concat(fresh.slice(next));
}

// What happens next in virtual time; of two things at one time the one that was scheduled first.

interface Entry {
  time: number;
  order: number;
  run: () => void;
}

export class EventHeap {
  readonly #entries: Entry[] = [];
  #order = 0;

  push(time: number, run: () => void): void {
    const entries = this.#entries;
    const entry = { time, order: this.#order++, run };
    let at = entries.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  pop(): { time: number; run: () => void } | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined || entries.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && before(entries[child + 1]!, entries[child]!)) child++;
      if (!before(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last;
    return first;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

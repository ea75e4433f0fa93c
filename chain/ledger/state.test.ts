import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Overlay } from './state.js';
import { MemoryState } from './memoryState.js';

const key = fc.constantFrom('a/1', 'a/2', 'a/3', 'ab', 'b/1', 'b/2', 'c');
const entry = fc.tuple(key, fc.option(fc.nat(9), { nil: undefined }));
const applyAll = (overlay: Overlay, changes: [string, number | undefined][]) => {
  for (const [name, value] of changes) {
    if (value === undefined) overlay.remove(name);
    else overlay.write(name, { value });
  }
};
const model = (...layers: [string, number | undefined][][]) => {
  const map = new Map<string, string>();
  for (const [name, value] of layers.flat()) {
    if (value === undefined) map.delete(name);
    else map.set(name, JSON.stringify({ value }));
  }
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
};
const base = (entries: [string, number | undefined][]) => new MemoryState(model(entries));

describe('Overlay', () => {
  it('reads as a map with the same changes, in key order, whatever is listed before, between and after', () => {
    fc.assert(
      fc.property(
        fc.array(entry),
        fc.array(entry),
        fc.array(entry),
        fc.constantFrom('', 'a', 'a/', 'b/', 'x'),
        fc.boolean(),
        (committed, first, second, prefix, early) => {
          const overlay = new Overlay(base(committed));
          if (early) overlay.records(prefix);
          applyAll(overlay, first);
          if (early) overlay.records(prefix);
          applyAll(overlay, second);
          const expected = model(committed, first, second).filter(([name]) => name.startsWith(prefix));
          expect([...overlay.list(prefix)]).toEqual(expected);
          expect(overlay.records(prefix)).toEqual(expected.map(([, text]) => JSON.parse(text)));
          for (const [name, text] of expected) expect([overlay.get(name), overlay.read(name)]).toEqual([text, JSON.parse(text)]);
        },
      ),
    );
  });

  it('takes over a fork, or forgets it', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), fc.array(entry), fc.boolean(), (committed, first, forked, adopted) => {
        const overlay = new Overlay(base(committed));
        applyAll(overlay, first);
        overlay.records('a/');
        const fork = overlay.fork();
        fork.records('a/');
        applyAll(fork, forked);
        const inFork = model(committed, first, forked);
        expect([...fork.list('')]).toEqual(inFork);
        expect(fork.records('a/')).toEqual(inFork.filter(([name]) => name.startsWith('a/')).map(([, text]) => JSON.parse(text)));
        if (adopted) overlay.adopt(fork);
        const expected = adopted ? inFork : model(committed, first);
        expect([...overlay.list('')]).toEqual(expected);
        expect(overlay.records('a/')).toEqual(expected.filter(([name]) => name.startsWith('a/')).map(([, text]) => JSON.parse(text)));
      }),
    );
  });

  it('leaves the reader as it was, and its changes bring the reader to the same state', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.array(entry), (committed, changes) => {
        const reader = base(committed);
        const before = reader.entries();
        const overlay = new Overlay(reader);
        applyAll(overlay, changes);
        const listed = [...overlay.list('')];
        expect(reader.entries()).toEqual(before);
        reader.apply(overlay.changes());
        expect(reader.entries()).toEqual(listed);
      }),
    );
  });

  it('writes values as canonical JSON', () => {
    const overlay = new Overlay(new MemoryState());
    overlay.write('k', { b: 1, a: [true, null, 'ü'] });
    expect(overlay.get('k')).toBe('{"a":[true,null,"ü"],"b":1}');
  });
});

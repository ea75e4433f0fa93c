// What is remembered from block to block is what the state below says.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CachedState } from './cachedState.js';
import { Overlay } from './state.js';
import { MemoryState } from './memoryState.js';

const KEYS = ['a/1', 'a/2', 'a/3', 'b/1', 'b/2'];
const change = fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined }));
const blocks = fc.array(fc.array(change, { maxLength: 5 }), { maxLength: 6 });

describe('CachedState', () => {
  it('shows what a fresh look at the state shows, after any blocks', () => {
    fc.assert(
      fc.property(blocks, fc.array(fc.constantFrom(...KEYS)), (history, asked) => {
        const state = new MemoryState();
        const cached = new CachedState(state);
        for (const block of history) {
          for (const key of asked) cached.value(key);
          cached.listing('a/');
          const written = new Overlay(cached);
          for (const [key, value] of block) if (value === undefined) written.remove(key);
            else written.write(key, { value });
          const changes = [...written.changes()];
          state.apply(changes);
          cached.changed(changes);
          for (const key of KEYS) expect(cached.value(key)).toEqual(new Overlay(state).read(key));
          for (const prefix of ['a/', 'b/', '']) expect(new Overlay(cached).records(prefix)).toEqual(new Overlay(state).records(prefix));
        }
      }),
    );
  });

  it('keeps the very objects of records that a block leaves alone', () => {
    const state = new MemoryState();
    state.apply([['node/a', '{"name":"a"}'], ['node/b', '{"name":"b"}']]);
    const cached = new CachedState(state);
    const [a] = cached.listing('node/').values;
    const changes: [string, string][] = [['node/b', '{"name":"b","ready":true}'], ['node/c', '{"name":"c"}']];
    state.apply(changes);
    cached.changed(changes);
    const { keys, values } = cached.listing('node/');
    expect(keys).toEqual(['node/a', 'node/b', 'node/c']);
    expect(values[0]).toBe(a);
    expect(values[1]).toEqual({ name: 'b', ready: true });
  });
});

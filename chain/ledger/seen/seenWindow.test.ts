// The window in memory says the same as the state's own records, block after block.
import { expect, it } from 'vitest';
import { MAX_VALIDITY } from '../../types.js';
import { MemoryState } from '../memoryState.js';
import { Overlay } from '../state.js';
import { knownIn, recordSeen, SeenWindow } from './seenTransactions.js';

it('knows what the records know, and forgets with them', () => {
  const state = new MemoryState();
  const window = new SeenWindow();
  const idOf = (height: number) => `id-${height}`;
  for (let height = 1; height <= MAX_VALIDITY + 5; height++) {
    const ids = height % 3 === 0 ? [] : [idOf(height)];
    const overlay = new Overlay(state);
    recordSeen(overlay, height, ids);
    state.apply(overlay.changes());
    window.add(height, ids);
  }
  const known = knownIn(state);
  const heights = Array.from({ length: MAX_VALIDITY + 6 }, (_, height) => height);
  expect(heights.filter((height) => window.isKnown(idOf(height)))).toEqual(heights.filter((height) => known(idOf(height))));
  expect([window.isKnown(idOf(2)), window.isKnown(idOf(MAX_VALIDITY))]).toEqual([false, true]);
});

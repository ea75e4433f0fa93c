// Catching up: from whom, when at once and when after a moment, and what happens when a peer lies, is silent or goes away.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SyncBlock } from '../peerMessages.js';
import { BlockSync } from './blockSync.js';

const blockAt = (height: number, good = true) => ({ header: { height, good } }) as unknown as SyncBlock;

function start(connected = [1, 2, 3]) {
  let height = 0;
  const asked: string[] = [];
  const refused: string[] = [];
  const states: boolean[] = [];
  const sync = new BlockSync({
    height: () => height,
    request: (peer, from) => connected.includes(peer) && (asked.push(`${peer}:${from}`), true),
    apply: async ({ header }) => {
      if (!(header as unknown as { good: boolean }).good) throw new Error('the state root differs');
      height = header.height;
      return true;
    },
    changed: (syncing) => states.push(syncing),
    refused: (peer, reason) => refused.push(`${peer} ${reason}`),
  });
  return { sync, asked, refused, states, connected, setHeight: (to: number) => (height = to), height: () => height };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('BlockSync', () => {
  it('asks the one that has most, goes on until nothing is left, and says so', async () => {
    const { sync, asked, states, height } = start();
    sync.learned(1, 3);
    sync.learned(2, 5);
    expect(asked).toEqual(['1:1']);
    await sync.received(1, [blockAt(1), blockAt(2), blockAt(3)]);
    expect(asked).toEqual(['1:1', '2:4']);
    await sync.received(2, [blockAt(4), blockAt(5)]);
    expect([height(), sync.syncing, states]).toEqual([5, false, [true, false]]);
  });

  it('waits a moment when it is one block behind, unless it is told that it is urgent', () => {
    const { sync, asked, setHeight } = start();
    sync.learned(1, 1);
    expect(asked).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(asked).toEqual(['1:1']);
    const second = start();
    second.sync.learned(1, 1);
    second.setHeight(1);
    vi.advanceTimersByTime(500);
    expect(second.asked).toEqual([]);
    const urgent = start();
    urgent.sync.hinted(1, 1);
    expect(urgent.asked).toEqual(['1:1']);
    setHeight(1);
  });

  it.each([
    ['sends a wrong block', async ({ sync }: ReturnType<typeof start>) => sync.received(1, [blockAt(1), blockAt(2, false)]), '1 the state root differs', '2:2'],
    ['sends nothing', async ({ sync }: ReturnType<typeof start>) => sync.received(1, []), '1 it sent no block although it claimed to have more', '2:1'],
    ['is silent', async () => void vi.advanceTimersByTime(5_000), '1 it did not answer in time', '2:1'],
  ])('asks another one when a peer %s, and not that one for a while', async (_, happen, reason, next) => {
    const run = start();
    run.sync.learned(1, 9);
    run.sync.learned(2, 9);
    await happen(run);
    expect(run.refused).toEqual([reason]);
    expect(run.asked.at(-1)).toBe(next);
    run.sync.learned(1, 20);
    await run.sync.received(2, [blockAt(1), blockAt(2), blockAt(3)]);
    expect(run.asked.at(-1)).toBe('2:4');
    vi.advanceTimersByTime(60_001);
    run.sync.learned(1, 20);
    expect(run.asked.at(-1)!.startsWith('1:')).toBe(true);
  });

  it('asks another one when the link is lost', () => {
    const { sync, asked, connected } = start();
    sync.learned(1, 9);
    sync.learned(3, 9);
    connected.splice(0, 1);
    sync.disconnected(1);
    expect(asked).toEqual(['1:1', '3:1']);
  });

  it('does not hold it against a peer that a hint about it was early', async () => {
    const { sync, asked, refused } = start();
    sync.hinted(1, 1);
    await sync.received(1, []);
    expect(refused).toEqual([]);
    sync.learned(1, 5);
    expect(asked).toEqual(['1:1', '1:1']);
  });

  it('ignores blocks that it did not ask for', async () => {
    const { sync, height } = start();
    await sync.received(2, [blockAt(1)]);
    expect(height()).toBe(0);
  });
});

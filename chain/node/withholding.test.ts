// Only who has a transaction, had its turn with room, and left it out is named; everybody else is not.
import { describe, expect, it } from 'vitest';
import { Withholding } from './withholding.js';

function start(waiting = ['a', 'b']) {
  const here = new Set(waiting);
  const watch = new Withholding((id) => here.has(id));
  const block = (height: number, proposer: string, { ids = [] as string[], hadRoom = true } = {}) => {
    ids.forEach((id) => here.delete(id));
    return watch.blockFinal({ height, proposer, transactionIds: ids, hadRoom });
  };
  return { watch, block, here };
}

describe('Withholding', () => {
  it('names who said that it has it and proposed without it, once', () => {
    const { watch, block } = start();
    watch.acknowledged('a', 'v1', 10);
    watch.acknowledged('a', 'v2', 10);
    watch.acknowledged('a', 'v2', 12);
    expect([block(12, 'v1'), block(13, 'v2'), block(14, 'v2'), block(15, 'v3')]).toEqual([[], ['a'], [], []]);
    expect(watch.report()).toEqual({ count: 1, oldest: [{ transactionId: 'a', since: 10, acknowledgedBy: ['v1', 'v2'], withheldBy: ['v2'] }] });
    block(16, 'v1', { ids: ['a'] });
    expect(watch.report()).toEqual({ count: 0, oldest: [] });
  });

  it.each([
    ['who never said so', { by: 'v2', at: 10 }, { height: 20, proposer: 'v1', hadRoom: true }],
    ['who had no room', { by: 'v1', at: 10 }, { height: 20, proposer: 'v1', hadRoom: false }],
    ['who heard of it just now', { by: 'v1', at: 18 }, { height: 20, proposer: 'v1', hadRoom: true }],
  ])('does not name %s', (_, said, final) => {
    const { watch, block } = start();
    watch.acknowledged('a', said.by, said.at);
    expect(block(final.height, final.proposer, { hadRoom: final.hadRoom })).toEqual([]);
    expect(watch.report().count).toBe(0);
  });

  it('forgets what is executed, expired, or was never here', () => {
    const { watch, block, here } = start(['a']);
    for (const id of ['a', 'never']) watch.acknowledged(id, 'v1', 1);
    here.delete('a');
    expect(block(9, 'v1')).toEqual([]);
    here.add('a');
    expect(block(10, 'v1')).toEqual([]);
  });

  it('is bounded', () => {
    const watch = new Withholding(() => true);
    for (let i = 0; i < 50_100; i++) watch.acknowledged(`t${i}`, 'v1', 1);
    expect(watch.blockFinal({ height: 9, proposer: 'v1', transactionIds: [], hadRoom: true })).toHaveLength(50_000);
  });
});

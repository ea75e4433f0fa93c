// When the chain counts as halted, and who is named.
import { describe, expect, it } from 'vitest';
import { describeHalt, haltOf, patienceMs, type Heard } from './haltWatch.js';

const peer = (index: number, changes: Partial<Heard> = {}): Heard => ({ index, address: `validator-${index}`, connected: true, lastHeardAt: 900, since: 100, ...changes });

describe('haltOf', () => {
  it.each([
    ['just under the patience', 10_000, null],
    ['over it', 10_001, { since: 1_000, missing: [] }],
  ])('%s', (_, waited, expected) => {
    expect(haltOf({ now: 1_000 + waited, blockTimeMs: 2_000, lastProgressAt: 1_000, peers: [peer(1)] })).toEqual(expected);
  });

  it('waits three block times where that is more', () => {
    expect([patienceMs(2_000), patienceMs(5_000)]).toEqual([10_000, 15_000]);
  });

  it.each([
    ['a validator that went away', { connected: false, lastHeardAt: 4_000, since: 5_000 }, 4_000],
    ['one that was never heard', { connected: false, lastHeardAt: undefined, since: 100 }, 100],
  ])('names %s, since it was heard last', (_, changes, since) => {
    const halt = haltOf({ now: 60_000, blockTimeMs: 2_000, lastProgressAt: 1_000, peers: [peer(1), peer(2, changes)] });
    expect(halt).toEqual({ since: 1_000, missing: [{ index: 2, address: 'validator-2', since }] });
    expect(describeHalt(halt!)).toBe(`no block since 1970-01-01T00:00:01.000Z: missing validator-2 (not heard since ${new Date(since).toISOString()})`);
  });
});

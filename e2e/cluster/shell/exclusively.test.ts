import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ClusterError } from '../clusterError.js';
import { eventually } from './eventually.js';
import { exclusively } from './exclusively.js';

describe('exclusively', () => {
  it('lets one at a time in, and says that it waits', async () => {
    const seen: string[] = [];
    const said: string[] = [];
    const work = (name: string) =>
      exclusively(
        'test of exclusively',
        (line) => said.push(line),
        async () => {
          seen.push(`${name} in`);
          await sleep(50);
          seen.push(`${name} out`);
        },
      );
    await Promise.all([work('a'), work('b')]);
    expect(seen.map((one) => one.split(' ')[1])).toEqual(['in', 'out', 'in', 'out']);
    expect(said).toEqual(['another process works on test of exclusively; waiting for it']);
  });
  it('lets go when the work fails', async () => {
    await expect(
      exclusively(
        'test of failing',
        () => undefined,
        () => Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no');
    await expect(
      exclusively(
        'test of failing',
        () => undefined,
        async () => 'in',
      ),
    ).resolves.toBe('in');
  });
});

describe('eventually', () => {
  it('returns the first value', async () => {
    let count = 0;
    expect(await eventually('it', async () => (++count < 3 ? undefined : count), { timeoutMs: 5_000, everyMs: 1 })).toBe(3);
  });
  it('says what was last seen', async () => {
    await expect(eventually('the thing', () => Promise.reject(new Error('refused')), { timeoutMs: 5, everyMs: 1 })).rejects.toThrow(
      /the thing: not within 0.005 s; last seen: refused/,
    );
  });
  it('does not wait for the dead', async () => {
    let count = 0;
    const dead = () => Promise.reject(++count && new ClusterError('process-died', 'dead'));
    await expect(eventually('it', dead, { timeoutMs: 60_000 })).rejects.toThrow('dead');
    expect(count).toBe(1);
  });
});

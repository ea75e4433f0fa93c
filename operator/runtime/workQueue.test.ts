import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.js';
import { WorkQueue } from './workQueue.js';

/** Time that passes only when told to. */
function manualTime() {
  let now = 0;
  const due: { at: number; run: () => void }[] = [];
  return {
    now: () => now,
    timers: {
      after(ms: number, run: () => void) {
        const entry = { at: now + ms, run };
        due.push(entry);
        return () => void due.splice(due.indexOf(entry), due.includes(entry) ? 1 : 0);
      },
    },
    pass(ms: number) {
      now += ms;
      for (const entry of due.filter(({ at }) => at <= now)) {
        due.splice(due.indexOf(entry), 1);
        entry.run();
      }
    },
  };
}
function makeQueue() {
  const time = manualTime();
  return { time, queue: new WorkQueue({ baseMs: 100, maxMs: 1_000, random: () => 1 }, time.timers, time.now) };
}
const settled = async (promise: Promise<string | undefined>) => Promise.race([promise, Promise.resolve('nothing yet')]);

describe('WorkQueue', () => {
  it('hands out keys in order, each once however often it was added', async () => {
    const { queue } = makeQueue();
    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    expect([await queue.take(), await queue.take(), await settled(queue.take())]).toEqual(['a', 'b', 'nothing yet']);
  });

  it('does not hand out a key in flight, and brings it back once afterwards', async () => {
    const { queue } = makeQueue();
    queue.add('a');
    await queue.take();
    queue.add('a');
    queue.add('a');
    const next = queue.take();
    expect(await settled(next)).toBe('nothing yet');
    queue.done('a');
    expect(await next).toBe('a');
    queue.done('a');
    expect(queue.length).toBe(0);
  });

  it('doubles the wait with each failure up to the most, and starts again when forgotten', () => {
    const { queue, time } = makeQueue();
    const waits: number[] = [];
    for (const _ of [1, 2, 3, 4, 5]) {
      queue.addRateLimited('a');
      let waited = 0;
      while (queue.length === 0) time.pass(((waited += 100), 100));
      waits.push(waited);
      void queue.take();
      queue.done('a');
    }
    expect(waits).toEqual([100, 200, 400, 800, 1_000]);
    expect(queue.failures('a')).toBe(5);
    queue.forget('a');
    expect(queue.failures('a')).toBe(0);
  });

  it('keeps the earlier of two times', () => {
    const { queue, time } = makeQueue();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 300);
    time.pass(199);
    expect(queue.length).toBe(0);
    time.pass(1);
    expect(queue.length).toBe(1);
    time.pass(1_000);
    expect(queue.length).toBe(1);
  });

  it('wakes every taker and takes nothing more when it is closed', async () => {
    const { queue, time } = makeQueue();
    const takers = [queue.take(), queue.take()];
    queue.addAfter('later', 10);
    queue.close();
    queue.add('a');
    time.pass(100);
    expect(await Promise.all([...takers, queue.take()])).toEqual([undefined, undefined, undefined]);
  });

  it('never works on a key twice at a time and never loses one, whatever happens when', async () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const action = fc.oneof(
      fc.record({ do: fc.constantFrom('add', 'done', 'later', 'limited'), key }),
      fc.record({ do: fc.constantFrom('take', 'pass'), key }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { queue, time } = makeQueue();
        const inFlight: string[] = [];
        const owed = new Set<string>();
        const begin = async () => {
          const got = (await queue.take())!;
          expect(inFlight).not.toContain(got);
          inFlight.push(got);
          owed.delete(got);
        };
        for (const { do: what, key: on } of actions) {
          if (what === 'add') queue.add(on);
          if (what === 'later') queue.addAfter(on, 50);
          if (what === 'limited') queue.addRateLimited(on);
          if (what === 'pass') time.pass(2_000);
          if (what === 'add' || what === 'later' || what === 'limited') owed.add(on);
          if (what === 'take' && queue.length > 0) await begin();
          if (what === 'done' && inFlight.includes(on)) {
            inFlight.splice(inFlight.indexOf(on), 1);
            queue.done(on);
          }
        }
        for (const on of inFlight.splice(0)) queue.done(on);
        time.pass(10_000);
        while (queue.length > 0) {
          await begin();
          queue.done(inFlight.pop()!);
        }
        expect([...owed]).toEqual([]);
      }),
    );
  });
});

describe('backoffMs', () => {
  it('stays between three quarters and the whole of its step', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const whole = Math.min(60_000, 100 * 2 ** (failures - 1));
        const ms = backoffMs(failures, { baseMs: 100, maxMs: 60_000, random: () => random });
        expect(ms).toBeGreaterThanOrEqual(Math.floor(whole * 0.75));
        expect(ms).toBeLessThanOrEqual(whole);
      }),
    );
  });
});

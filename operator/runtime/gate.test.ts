// No more at a time than there is room for, whatever becomes of them.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Gate } from './gate.js';

describe('Gate', () => {
  it('runs everything, in order, never more than its room at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 4 }), fc.array(fc.boolean(), { maxLength: 12 }), async (scheduler, room, fails) => {
        const gate = new Gate(room);
        const begun: number[] = [];
        let [inside, most] = [0, 0];
        const work = fails.map((fail, index) =>
          gate.through(async () => {
            begun.push(index);
            most = Math.max(most, (inside += 1));
            await scheduler.schedule(Promise.resolve());
            inside -= 1;
            if (fail) throw new Error(`work ${index}`);
          }),
        );
        const settled = Promise.allSettled(work);
        await scheduler.waitFor(settled);
        expect(begun).toEqual(fails.map((_, index) => index));
        expect(most).toBeLessThanOrEqual(room);
        expect((await settled).map(({ status }) => status === 'rejected')).toEqual(fails);
      }),
    );
  });
});

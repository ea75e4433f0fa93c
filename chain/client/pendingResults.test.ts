// Every submission is settled once: by its result, by the height after which it cannot come, or by the client's end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PendingResults } from './pendingResults.js';
import type { FinalisedResult } from './types.js';

const result = (transactionId: string, height: number): FinalisedResult => ({
  transactionId,
  height,
  index: 0,
  outcome: 'applied',
  code: 'Applied',
  reason: '',
});
const settled = (promise: Promise<FinalisedResult>) =>
  promise.then(
    ({ height }) => height,
    (error: { code: string }) => error.code,
  );

describe('PendingResults', () => {
  it('settles each expectation by the first block that decides it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ validUntil: fc.integer({ min: 1, max: 12 }), at: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }) }), {
          maxLength: 20,
        }),
        async (cases) => {
          const pending = new PendingResults();
          const outcomes = cases.map(({ validUntil }, i) => settled(pending.expect(String(i), validUntil)));
          for (let height = 1; height <= 12; height++)
            pending.blockFinal(
              height,
              cases.flatMap(({ at }, i) => (at === height ? [result(String(i), height)] : [])),
            );
          expect(await Promise.all(outcomes)).toEqual(cases.map(({ validUntil, at }) => (at !== undefined && at <= validUntil ? at : 'Expired')));
          expect(pending.size).toBe(0);
        },
      ),
    );
  });

  it('forgets what is dropped, and rejects the rest when it stops', async () => {
    const pending = new PendingResults();
    void pending.expect('dropped', 5);
    const waiting = settled(pending.expect('waiting', 5));
    pending.drop('dropped');
    expect(pending.size).toBe(1);
    pending.stop();
    expect(await waiting).toBe('Stopped');
  });
});

// A name is hidden by its salt and bound by it; erasing the salt leaves every proof of the receipt as it was.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPersonalName, personalCommitment } from './personalCommitment.js';
import { testBundles, testFacts } from './testing/testReceipts.js';
import { testValidators } from './testing/testValidators.js';
import { verifyReceipt } from './verify/verifyReceipt.js';

const salt = (byte: number) => Buffer.alloc(32, byte).toString('hex');

describe('personalCommitment', () => {
  it('is another one for every salt and every name', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 255 }), (a, b, x, y) => {
        const same = a === b && x === y;
        expect(personalCommitment({ name: a, salt: salt(x) }) === personalCommitment({ name: b, salt: salt(y) })).toBe(same);
      }),
    );
  });

  it.each([
    ['alice@bank.example', true],
    ['system:serviceaccount:payments:default', false],
    ['system:admin', false],
    ['', false],
    [personalCommitment({ name: 'alice', salt: salt(1) }), false],
  ])('takes %s for a person: %s', (user, personal) => expect(isPersonalName(user)).toBe(personal));
});

describe('erasure', () => {
  it('takes the name away and leaves every proof as it was', () => {
    const validators = testValidators(4);
    const trust = { chainId: 'enc-test', validatorSet: validators.set };
    const openings = new Map(['alice', 'bob'].map((name, index) => [name, { name, salt: salt(index) }]));
    const bundles = [...openings.values()].map((opening, index) => testFacts(index, { details: { user: personalCommitment(opening) } }));
    const receipts = testBundles(validators, bundles);
    const opened = () =>
      receipts.map((receipt) => {
        const verdict = verifyReceipt(receipt, trust);
        if (!verdict.ok) return verdict.code;
        const { user } = verdict.statement.predicate.details as { user: string };
        return [...openings.values()].find((opening) => personalCommitment(opening) === user)?.name ?? 'nobody knows';
      });
    expect(opened()).toEqual(['alice', 'bob']);
    const before = JSON.stringify(receipts);
    openings.delete('alice');
    expect(opened()).toEqual(['nobody knows', 'bob']);
    expect(JSON.stringify(receipts)).toBe(before);
    expect(before).not.toContain('alice');
  });
});

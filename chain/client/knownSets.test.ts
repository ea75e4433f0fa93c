// From a trusted set to later ones: by steps that each set before certified, and by nothing else.
import { describe, expect, it } from 'vitest';
import { KnownSets } from './knownSets.js';
import { followSteps } from '../../receipts/setSteps.js';
import { testBundles, testFacts } from '../../receipts/testing/testReceipts.js';
import { testCertificate, testHeader, testValidators, type TestValidators } from '../../receipts/testing/testValidators.js';
import type { SetStep } from '../../receipts/types.js';
import { validatorsHash } from '../../receipts/validatorSet.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';

const CHAIN = 'enc-test';
const first = testValidators(4, 67, 1);
const second = testValidators(4, 67, 5);
const third = testValidators(4, 67, 6);
const all = [0, 1, 2];

/** From one set to the next after a height, certified by whom the test likes. */
function step(height: number, from: TestValidators, to: TestValidators, by = from): SetStep {
  const header = testHeader(from.set, { height, nextValidatorsHash: validatorsHash(to.set) });
  return { header, certificate: testCertificate(by, header, all), set: to.set };
}
const steps = [step(3, first, second), step(5, second, third)];

describe('steps', () => {
  it('lead from the trusted set to each later one', () => {
    expect(followSteps(CHAIN, first.set, steps)).toEqual({ sets: [{ since: 0, set: first.set }, { since: 4, set: second.set }, { since: 6, set: third.set }] });
    expect(followSteps(CHAIN, second.set, steps).sets.map(({ since }) => since)).toEqual([0, 6]);
  });

  it.each([
    ['that somebody else certified', step(3, first, second, third), /step to the set after block 3/],
    ['that brings another set', { ...steps[0]!, set: third.set }, /brings another set than its header names/],
    ['with a header that was changed', { ...steps[0]!, header: { ...steps[0]!.header, timestamp: 1 } }, /step to the set after block 3/],
  ] as [string, SetStep, RegExp][])('%s leads nowhere', (_, bad, message) => {
    expect(followSteps(CHAIN, first.set, [bad])).toEqual({ sets: [{ since: 0, set: first.set }], fault: expect.stringMatching(message) as string });
    const known = new KnownSets(CHAIN, first.set);
    expect(() => known.learn([bad])).toThrow(expect.objectContaining({ code: 'Unverified' }));
    expect(known.latest).toBe(first.set);
  });
});

describe('a receipt of a later set', () => {
  const [bundle] = testBundles(third, [testFacts(0)]);
  const trust = { chainId: CHAIN, validatorSet: first.set };

  it('verifies from the genesis with the steps, and only with them', () => {
    expect(verifyReceipt({ ...bundle!, steps }, trust)).toMatchObject({ ok: true, set: third.set, signers: [0, 1, 2], servers: ['validator-0'] });
    expect(verifyReceipt(bundle!, trust)).toMatchObject({ ok: false, code: 'WrongValidators' });
    expect(verifyReceipt({ ...bundle!, steps: steps.slice(1) }, trust)).toMatchObject({ ok: false, code: 'WrongValidators' });
    expect(verifyReceipt({ ...bundle!, steps: [step(3, first, second, second), steps[1]!] }, trust)).toMatchObject({ ok: false, code: 'WrongValidators' });
  });

  it('of an early height still verifies when later changes are shown with it', () => {
    const [early] = testBundles(first, [testFacts(0)]);
    const later = steps.map((one, i) => step(one.header.height + 20, ...([[first, second], [second, third]] as const)[i]!));
    expect(verifyReceipt({ ...early!, steps: later }, trust)).toMatchObject({ ok: true, set: first.set });
  });
});

describe('the sets a client knows', () => {
  it('tell which must have signed a header, and forget nothing by learning again', () => {
    const known = new KnownSets(CHAIN, first.set);
    expect(() => known.of(testHeader(second.set, { height: 4 }))).toThrow(expect.objectContaining({ code: 'Unverified' }));
    known.learn(steps);
    known.learn(steps);
    expect([3, 4, 6].map((height, i) => known.of(testHeader([first, second, third][i]!.set, { height })))).toEqual([first.set, second.set, third.set]);
    expect(() => known.of(testHeader(first.set, { height: 6 }))).toThrow(expect.objectContaining({ code: 'Unverified' }));
    expect(known.recent).toEqual([second.set, third.set]);
  });
});

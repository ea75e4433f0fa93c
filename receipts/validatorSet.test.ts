// A set is trusted only with distinct keys whose possession is proved.
import { expect, it } from 'vitest';
import { testValidators } from './testing/testValidators.js';
import type { ValidatorSet } from './types.js';
import { checkValidatorSet, validatorsHash } from './validatorSet.js';

const { set } = testValidators(3);
const [first, second, third] = set.validators;
const withThird = (changes: object): ValidatorSet => ({ ...set, validators: [first!, second!, { ...third!, ...changes }] });

it.each<[string, ValidatorSet, string | undefined, RegExp]>([
  ['a sound set', set, undefined, /^$/],
  ['no validators', { ...set, validators: [] }, 'Malformed', /validatorSet.validators is an array of 0/],
  ['a quorum over 100 percent', { ...set, quorumPercent: 101 }, 'Malformed', /quorumPercent is 101, expected an integer from 1 to 100/],
  ['a repeated BLS key', withThird({ blsPublicKey: first!.blsPublicKey }), 'Duplicate', /validators\[2\].blsPublicKey repeats/],
  ['a repeated Ed25519 key', withThird({ ed25519PublicKey: second!.ed25519PublicKey }), 'Duplicate', /validators\[2\].ed25519PublicKey repeats/],
  ['a repeated address', withThird({ address: 'validator-0' }), 'Duplicate', /validators\[2\].address repeats/],
  ["another's proof", withThird({ blsProofOfPossession: first!.blsProofOfPossession }), 'BadPossession', /validators\[2\].blsProofOfPossession/],
  ['a key at infinity', withThird({ blsPublicKey: `c0${'00'.repeat(47)}` }), 'BadPossession', /validators\[2\]/],
  ['an unknown member', withThird({ note: 'x' }), 'Malformed', /validators\[2\].note/],
])('%s', (_name, candidate, code, message) => {
  const verdict = checkValidatorSet(candidate);
  if (code === undefined) expect(verdict).toEqual({ ok: true });
  else expect(verdict).toEqual({ ok: false, code, message: expect.stringMatching(message) as string });
});

it('hashes to the same value whatever the order of members, and to another for every change', () => {
  const reordered: ValidatorSet = { quorumPercent: set.quorumPercent, validators: set.validators };
  expect(validatorsHash(reordered)).toBe(validatorsHash(set));
  expect(validatorsHash({ ...set, quorumPercent: 68 })).not.toBe(validatorsHash(set));
  expect(validatorsHash({ ...set, validators: [second!, first!, third!] })).not.toBe(validatorsHash(set));
});

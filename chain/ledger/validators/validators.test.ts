// Changes of the validator set: who may make them, what they may be, when they take effect, and that nothing else does.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { signEd25519 } from '../../../crypto/ed25519.js';
import { toHex } from '../../../crypto/encoding.js';
import { quorum } from '../../../receipts/quorum.js';
import { testValidators } from '../../../receipts/testing/testValidators.js';
import { validatorsHash } from '../../../receipts/validatorSet.js';
import { stateKeys, type AccountRecord, type NewValidator, type UnsignedValidatorsChange, type ValidatorsChange } from '../../types.js';
import { checkSupply } from '../accounts/supply.js';
import { TestChain } from '../testing/testChain.js';
import { BPI, keyOf, testGenesis } from '../testing/testGenesis.js';
import { changeMessage } from './changeMessage.js';
import { latestSet, setInForce, setRecords } from './validatorSets.js';

const pool = testValidators(12);
const secretOf = new Map(pool.set.validators.map(({ ed25519PublicKey }, i) => [ed25519PublicKey, pool.ed25519Keys[i]!]));
const member = (i: number): NewValidator => ({ ...pool.set.validators[i]!, endpoint: `127.0.0.1:${21_300 + i}` });
const keyAt = (i: number) => member(i).ed25519PublicKey;

const chainOf = (size: number) => {
  const chain = new TestChain(testGenesis({ validatorSet: { validators: pool.set.validators.slice(0, size), quorumPercent: 67 } }));
  return chain;
};
const bond = (chain: TestChain, ...indices: number[]) =>
  chain.commit(indices.map((i) => chain.sign('node-operator', 'stake.bond', { account: keyAt(i), name: `validator-${i}`, amount: 50 * BPI })));
/** minimumStake of 50 BPI, so that the operator can bond for several. */
const cheap = (size: number) => {
  const genesis = chainOf(size).genesis;
  return new TestChain(testGenesis({ validatorSet: genesis.validatorSet, economics: { ...genesis.economics, minimumStake: 50 * BPI } }));
};

function unsigned(chain: TestChain, changes: Partial<UnsignedValidatorsChange> = {}): UnsignedValidatorsChange {
  const { hash, since } = latestSet(chain.state);
  return { expectedSetHash: hash, expectedSince: since, add: [], remove: [], reason: 'a test', ...changes };
}
const signedBy = (chainId: string, change: UnsignedValidatorsChange, signers: string[]): ValidatorsChange => ({
  ...change,
  signatures: signers.map((validator) => ({ validator, signature: toHex(signEd25519(secretOf.get(validator)!, changeMessage(chainId, change))) })),
});
/** By everybody in the latest set. */
const signed = (chain: TestChain, changes: Partial<UnsignedValidatorsChange>) =>
  signedBy(chain.genesis.chainId, unsigned(chain, changes), latestSet(chain.state).set.validators.map(({ ed25519PublicKey }) => ed25519PublicKey));
const run = (chain: TestChain, change: ValidatorsChange) => chain.run('operator', 'validators.change', change);
const names = (chain: TestChain, height: number) => setInForce(chain.state, height).set.validators.map(({ address }) => address);

describe('a change', () => {
  it('is decided at H, named by header H + 1 as the next set, and in effect from H + 2', () => {
    const chain = cheap(4);
    bond(chain, 4);
    const before = chain.header.nextValidatorsHash;
    const result = run(chain, signed(chain, { add: [member(4)] }));
    const height = chain.header.height;
    expect(result).toMatchObject({ outcome: 'applied', code: 'SetChanged', details: { since: height + 2, added: ['validator-4'], removed: [] } });
    const after = latestSet(chain.state).hash;
    expect(chain.header).toMatchObject({ validatorsHash: before, nextValidatorsHash: before });
    chain.commit([]);
    expect(chain.header).toMatchObject({ height: height + 1, validatorsHash: before, nextValidatorsHash: after });
    chain.commit([]);
    expect(chain.header).toMatchObject({ validatorsHash: after, nextValidatorsHash: after });
    expect([names(chain, height + 1).length, names(chain, height + 2).length]).toEqual([4, 5]);
    expect(latestSet(chain.state).endpoints).toEqual({ [keyAt(4)]: '127.0.0.1:21304' });
    expect(chain.header.validatorsHash).toBe(validatorsHash({ validators: pool.set.validators.slice(0, 5), quorumPercent: 67 }));
  });

  it('keeps the order of those who stay, and forgets the endpoint of those who go', () => {
    const chain = cheap(4);
    bond(chain, 4);
    run(chain, signed(chain, { add: [member(4)] }));
    chain.commit([]);
    run(chain, signed(chain, { remove: [keyAt(1)] }));
    expect(names(chain, chain.header.height + 2)).toEqual(['validator-0', 'validator-2', 'validator-3', 'validator-4']);
    chain.commit([]);
    run(chain, signed(chain, { remove: [keyAt(4)] }));
    expect(latestSet(chain.state).endpoints).toEqual({});
    expect(setRecords(chain.state).map(({ since }) => since)).toEqual([0, 4, 6, 8]);
  });

  it('needs no more than a quorum, whoever sends it', () => {
    const chain = cheap(7);
    const change = unsigned(chain, { remove: [keyAt(6)] });
    expect(chain.run('visitor', 'validators.change', signedBy('enc-test', change, [0, 1, 2, 3, 4].map(keyAt))).code).toBe('NotPermitted');
    expect(chain.run('bank', 'validators.change', signedBy('enc-test', change, [6, 1, 2, 3, 4].map(keyAt))).code).toBe('SetChanged');
  });

  it.each<[string, number, (chain: TestChain) => ValidatorsChange, string, RegExp]>([
    ['of another set', 4, (c) => signed(c, { expectedSetHash: 'ab'.repeat(32), remove: [keyAt(3)] }), 'StaleValidatorSet', /expectedSetHash is abab/],
    ['of an earlier time of the same set', 4, (c) => signed(c, { expectedSince: 1, remove: [keyAt(3)] }), 'StaleValidatorSet', /expectedSince is 1/],
    ['that changes nothing', 4, (c) => signed(c, {}), 'EmptyChange', /add and remove/],
    ['that removes a stranger', 4, (c) => signed(c, { remove: [keyAt(9)] }), 'UnknownValidator', /remove\[0\]/],
    ['that removes somebody twice', 5, (c) => signed(c, { remove: [keyAt(1), keyAt(1)] }), 'DuplicateValidator', /remove\[1\]/],
    ['that adds a member', 4, (c) => signed(c, { add: [member(2)] }), 'DuplicateValidator', /add\[0\]\.ed25519PublicKey/],
    ['that adds somebody twice', 7, (c) => signed(c, { add: [member(8), member(8)] }), 'DuplicateValidator', /add\[1\]\.ed25519PublicKey/],
    ['with the BLS key of a member', 4, (c) => signed(c, { add: [{ ...member(4), blsPublicKey: member(0).blsPublicKey }] }), 'DuplicateValidator', /add\[0\]\.blsPublicKey/],
    ['with the name of a member', 4, (c) => signed(c, { add: [{ ...member(4), address: 'validator-0' }] }), 'DuplicateValidator', /add\[0\]\.address/],
    ['that leaves two', 3, (c) => signed(c, { remove: [keyAt(2)] }), 'BadSetSize', /leave 2/],
    ['that makes two', 1, (c) => signed(c, { add: [member(4)] }), 'BadSetSize', /leave 2/],
    ['that leaves nobody', 1, (c) => signed(c, { remove: [keyAt(0)] }), 'BadSetSize', /leave 0/],
    ['that replaces the only one', 1, (c) => signed(c, { remove: [keyAt(0)], add: [member(4)] }), 'TooManyReplaced', /keep 0 of 1/],
    ['that adds too many', 4, (c) => signed(c, { add: [member(4), member(5)] }), 'TooManyReplaced', /keep 4 of 4 .* set of 6/],
    ['that removes too many', 7, (c) => signed(c, { remove: [keyAt(0), keyAt(1), keyAt(2)] }), 'TooManyReplaced', /keep 4 of 7/],
    ['that replaces one of three', 3, (c) => signed(c, { remove: [keyAt(0)], add: [member(4)] }), 'TooManyReplaced', /keep 2 of 3/],
    ['without the stake', 4, (c) => signed(c, { add: [member(9)] }), 'InsufficientStake', /add\[0\].* 50 BPI, .* has 0 BPI/],
    ['signed by too few', 4, (c) => signedBy('enc-test', unsigned(c, { add: [member(4)] }), [0, 1].map(keyAt)), 'TooFewSignatures', /2 of 4 .* 3 are needed/],
    ['signed by one of the new', 4, (c) => signedBy('enc-test', unsigned(c, { add: [member(4)] }), [0, 1, 4].map(keyAt)), 'UnknownSigner', /signatures\[2\]/],
    ['signed by one twice', 4, (c) => signedBy('enc-test', unsigned(c, { add: [member(4)] }), [0, 1, 1].map(keyAt)), 'DuplicateSigner', /signatures\[2\]/],
    ['signed for another chain', 4, (c) => signedBy('enc-other', unsigned(c, { add: [member(4)] }), [0, 1, 2].map(keyAt)), 'BadSetSignature', /signatures\[0\]/],
    ['changed after it was signed', 4, (c) => ({ ...signed(c, { add: [member(4)] }), reason: 'another' }), 'BadSetSignature', /signatures\[0\]/],
    ['with an endpoint changed after it was signed', 4, (c) => ({ ...signed(c, { add: [member(4)] }), add: [{ ...member(4), endpoint: 'evil:1' }] }), 'BadSetSignature', /signatures/],
    ['without possession of its key', 4, (c) => signed(c, { add: [{ ...member(4), blsProofOfPossession: member(5).blsProofOfPossession }] }), 'BadPossession', /add\[0\]/],
  ])('%s is refused, and nothing changes', (_, size, make, code, message) => {
    const chain = cheap(size);
    bond(chain, 4, 5, 8);
    const result = run(chain, make(chain));
    expect(result).toMatchObject({ outcome: 'refused', code, reason: expect.stringMatching(message) as string });
    expect(setRecords(chain.state)).toHaveLength(1);
  });

  it('is refused while another is under way, and when it comes again', () => {
    const chain = cheap(4);
    bond(chain, 4, 5);
    const first = signed(chain, { add: [member(4)] });
    const second = signed(chain, { add: [member(5)] });
    const both = [first, second].map((change) => chain.sign('operator', 'validators.change', change));
    expect(chain.commit(both).results.map(({ code }) => code)).toEqual(['SetChanged', 'ChangePending']);
    const next = signed(chain, { add: [member(5)] });
    expect(run(chain, next).code).toBe('ChangePending');
    expect(run(chain, first).code).toBe('StaleValidatorSet');
    expect(run(chain, next).code).toBe('SetChanged');
  });

  it('cannot be replayed when the same members form a set again', () => {
    const chain = cheap(4);
    bond(chain, 4);
    const first = signed(chain, { add: [member(4)] });
    run(chain, first);
    chain.commit([]);
    run(chain, signed(chain, { remove: [keyAt(4)] }));
    chain.commit([]);
    expect(latestSet(chain.state).hash).toBe(first.expectedSetHash);
    expect(run(chain, first)).toMatchObject({ code: 'StaleValidatorSet', reason: expect.stringMatching(/expectedSince is 0/) as string });
  });

  it('lets a single validator grow at once', () => {
    const chain = cheap(1);
    bond(chain, 4, 5, 8);
    expect(run(chain, signed(chain, { add: [member(4), member(5), member(8)] })).code).toBe('SetChanged');
  });

  it('has the wrong form with an endpoint that is none', () => {
    const chain = cheap(4);
    const change = signed(chain, { add: [{ ...member(4), endpoint: 'nowhere' }] });
    expect(() => run(chain, change)).toThrow(expect.objectContaining({ code: 'Malformed' }));
  });
});

describe('a bond', () => {
  it('moves balance into the stake of an account, which it opens', () => {
    const chain = chainOf(4);
    const newcomer = keyOf('newcomer').publicKey;
    const pay = (amount: number) => chain.run('operator', 'stake.bond', { account: newcomer, name: 'newcomer', amount });
    expect(pay(600 * BPI)).toMatchObject({ outcome: 'applied', code: 'Bonded', details: { stake: 600 * BPI } });
    expect(pay(500 * BPI)).toMatchObject({ outcome: 'refused', code: 'InsufficientFunds' });
    expect(pay(1)).toMatchObject({ details: { stake: 600 * BPI + 1 } });
    expect(chain.record<AccountRecord>(stateKeys.account(newcomer))).toEqual({ name: 'newcomer', roles: ['validator'], balance: 0, stake: 600 * BPI + 1 });
    expect(checkSupply(chain.state)).toMatchObject({ ok: true });
  });

  it('to the own account keeps its roles and its sum', () => {
    const chain = chainOf(4);
    const { publicKey } = keyOf('bank');
    const { balance } = chain.record<AccountRecord>(stateKeys.account(publicKey))!;
    chain.run('bank', 'stake.bond', { account: publicKey, name: 'whatever', amount: 10 });
    expect(chain.record<AccountRecord>(stateKeys.account(publicKey))).toEqual({ name: 'bank', roles: ['party', 'validator'], balance: balance - 11, stake: 10 });
  });
});

describe('any history of changes', () => {
  const step = fc.record({ add: fc.uniqueArray(fc.nat(11), { maxLength: 3 }), remove: fc.uniqueArray(fc.nat(11), { maxLength: 3 }), wait: fc.nat(2) });
  it('leaves sets of allowed sizes whose successors keep a quorum of both, and headers that name them', () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 3, 4, 7), fc.array(step, { maxLength: 10 }), (size, steps) => {
        const free = testGenesis();
        const chain = new TestChain(testGenesis({ validatorSet: { validators: pool.set.validators.slice(0, size), quorumPercent: 67 }, economics: { ...free.economics, minimumStake: 0 } }));
        for (const { add, remove, wait } of steps) {
          run(chain, signed(chain, { add: add.map(member), remove: remove.map(keyAt) }));
          for (let i = 0; i < wait; i++) chain.commit([]);
        }
        const records = setRecords(chain.state);
        records.slice(1).forEach(({ set, since }, i) => {
          const before = records[i]!;
          const stay = set.validators.filter(({ address }) => before.set.validators.some((other) => other.address === address)).length;
          expect(set.validators.length === 2 || set.validators.length === 0).toBe(false);
          expect(since).toBeGreaterThanOrEqual(before.since + 2);
          if (before.set.validators.length > 1) expect(stay).toBeGreaterThanOrEqual(Math.max(quorum(set.validators.length, 67), quorum(before.set.validators.length, 67)));
        });
        for (const { header } of chain.blocks) {
          expect(header.validatorsHash).toBe(setInForce(chain.state, header.height).hash);
          expect(header.nextValidatorsHash).toBe(setInForce(chain.state, header.height + 1).hash);
        }
      }),
      { numRuns: 40 },
    );
  });
});

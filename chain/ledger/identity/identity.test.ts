// Agreement 10.3, AML/KYC for node operators: off until it is voted for, then nobody new runs nodes or validates whom no verifier attested.
import { beforeEach, describe, expect, it } from 'vitest';
import { testValidators } from '../../../receipts/testing/testValidators.js';
import { GovernedChain, governedGenesis } from '../testing/governedChain.js';
import { nodeCommit } from '../testing/samplePayloads.js';
import { BPI, keyOf } from '../testing/testGenesis.js';

const reference = 'ab'.repeat(32);
const verifier = 'visitor';
const chainWith = (identityRequired: number): GovernedChain => {
  const { accounts, economy } = governedGenesis();
  return new GovernedChain(
    governedGenesis({ accounts: accounts.map((one) => (one.name === verifier ? { ...one, roles: ['identity'] } : one)), economy: { ...economy!, parameters: { identityRequired } } }),
  );
};
let chain: GovernedChain;
beforeEach(() => {
  chain = chainWith(0);
});
const attest = (name: string, days = 365, by = verifier) =>
  chain.run(by as never, 'identity.attest', { account: keyOf(name).publicKey, reference, validUntil: chain.header.timestamp + days * 86_400_000 });
const commit = (owner: string, node = 'new-1') => chain.run(owner as never, 'node.commit', nodeCommit(node));

it('asks nobody where it is not agreed', () => expect(commit('owner-a')).toMatchObject({ code: 'Committed' }));

describe('where it is agreed', () => {
  beforeEach(() => {
    chain = chainWith(0);
    const { transactionId } = chain.propose({ kind: 'EconomicParameter', changes: { identityRequired: 1 }, height: 1 });
    chain.vote(transactionId, [0, 1, 2]);
    for (const days of [7, 3]) chain.pass(days * 86_400_000);
    chain.pass(1_000);
  });

  it('a node is committed by whom a verifier attested, as long as that is valid', () => {
    expect(commit('owner-a')).toMatchObject({ outcome: 'refused', code: 'NotIdentified', reason: expect.stringContaining('nobody attested it') as string });
    expect(attest('owner-a', 1)).toMatchObject({ code: 'Attested' });
    expect(commit('owner-a')).toMatchObject({ code: 'Committed' });
    chain.pass(2 * 86_400_000);
    expect(commit('owner-a', 'new-2')).toMatchObject({ code: 'NotIdentified', reason: expect.stringContaining('its attestation ended') as string });
  });

  it('an attestation can be withdrawn', () => {
    attest('owner-a');
    expect(attest('owner-a', -1)).toMatchObject({ code: 'Withdrawn' });
    expect(commit('owner-a')).toMatchObject({ code: 'NotIdentified' });
  });

  it('a validator comes when its account was attested', () => {
    const validator = { ...testValidators(1, 67, 9).set.validators[0]!, address: 'newcomer', endpoint: '127.0.0.1:21399' };
    chain.run('node-operator', 'stake.bond', { account: validator.ed25519PublicKey, name: 'newcomer', amount: 500 * BPI });
    expect(chain.propose({ kind: 'NodeAddition', validator })).toMatchObject({ code: 'NotIdentified' });
    chain.run(verifier as never, 'identity.attest', { account: validator.ed25519PublicKey, reference, validUntil: chain.header.timestamp + 100 * 86_400_000 });
    expect(chain.propose({ kind: 'NodeAddition', validator })).toMatchObject({ code: 'Proposed' });
  });
});

it.each<[what: string, act: () => { code: string }, code: string]>([
  ['by who is no verifier', () => attest('owner-a', 1, 'bank'), 'NotPermitted'],
  ['of itself', () => attest(verifier), 'NotPermitted'],
  ['of nobody on this chain', () => attest('nobody-here'), 'UnknownAccount'],
])('refuses an attestation %s', (_what, act, code) => expect(act()).toMatchObject({ outcome: 'refused', code }));

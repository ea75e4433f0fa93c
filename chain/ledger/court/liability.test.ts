// Agreement 10.2 (who answers for what, up to which cap) and the governance disputes of 9.1, case by case.
import { beforeEach, describe, expect, it } from 'vitest';
import type { CourtPayloads } from '../../courtTypes.js';
import type { SlashRecord } from '../../economyTypes.js';
import type { ProposalContent } from '../../governanceTypes.js';
import { stateKeys, type AccountRecord, type SupplyRecord } from '../../types.js';
import { parametersIn } from '../parameters/parameters.js';
import { Overlay } from '../state.js';
import { ARBITRATORS, DAY, GovernedChain, VALIDATOR_KEYS } from '../testing/governedChain.js';
import { doubleVote } from '../testing/testEvidence.js';
import { BPI, keyOf } from '../testing/testGenesis.js';

let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
  chain.commit(ARBITRATORS.map((name) => chain.sign(name, 'arbitrator.register', { categories: ['Economic', 'Governance', 'Security'], conflicts: [] })));
});
const of = (name: string) => keyOf(name).publicKey;
const opening = (changes: Partial<CourtPayloads['case.open']>): CourtPayloads['case.open'] => ({ category: 'Economic', respondent: '', remedy: 'Compensation', subject: '', amount: 100_000 * BPI, claim: 'a test', evidence: [], ...changes });
const open = (changes: Partial<CourtPayloads['case.open']>) => chain.run('bank', 'case.open', opening(changes));
const fund = () => chain.record<SupplyRecord>(stateKeys.supply)!.pools['insurance'];
const account = (key: string) => chain.record<AccountRecord>(stateKeys.account(key))!;
const decided = (changes: Partial<CourtPayloads['case.open']>, award: number | null) => {
  const { transactionId } = open(changes);
  chain.draw(transactionId);
  chain.judge(transactionId, [award, award, award]);
  return transactionId;
};

describe('liability caps (10.2)', () => {
  /** Stakes of the governed chain: 1,000 BPI behind each of four validators, and node-operator's behind its nodes. */
  const clusterStake = () => VALIDATOR_KEYS.reduce((sum, { publicKey }) => sum + account(publicKey).stake, account(of('node-operator')).stake);
  it.each<[says: string, respondent: () => string, subject: string, cap: () => number]>([
    ['individual_node: staked_amount_per_node', () => of('node-operator'), 'node/eu-1', () => Math.floor(account(of('node-operator')).stake / nodesOf('node-operator'))],
    ['individual_node, of a validator', () => VALIDATOR_KEYS[0]!.publicKey, `validator/${VALIDATOR_KEYS[0]!.publicKey}`, () => account(VALIDATOR_KEYS[0]!.publicKey).stake],
    ['all nodes of one operator', () => of('node-operator'), '', () => account(of('node-operator')).stake],
    ['cluster_operator: total_cluster_stake', () => of('operator'), '', clusterStake],
    ['consensus_network: protocol_insurance_fund', () => '', '', () => fund()!],
  ])('%s', (_says, respondent, subject, cap) => {
    const most = cap();
    const { transactionId } = open({ respondent: respondent(), subject });
    chain.draw(transactionId);
    chain.judge(transactionId, [90_000 * BPI, 90_000 * BPI, 90_000 * BPI]);
    const [decision] = chain.case(transactionId).decisions;
    expect(decision).toMatchObject({ decision: 'Upheld', award: most, reason: expect.stringContaining('(10.2)') as string });
    expect(chain.case(transactionId).held).toBeLessThanOrEqual(most);
  });
  const nodesOf = (name: string) => [...chain.state.list('node/')].filter(([, text]) => (JSON.parse(text) as { operator: string }).operator === of(name)).length;

  it('an award within the cap stands as it was given', () => {
    expect(chain.case(decided({ respondent: of('node-operator'), subject: 'node/eu-1', amount: 2 * BPI }, BPI)).decisions[0]).toMatchObject({ award: BPI, reason: '3 of 3 ballots uphold it' });
  });

  it('a node of somebody else is no subject of a claim', () => {
    expect(open({ respondent: of('operator'), subject: 'node/eu-1' })).toMatchObject({ code: 'InvalidCase' });
  });
});

describe('a claim against the network (9.1 economic disputes, 10.2)', () => {
  it('is paid from the insurance fund when nobody can appeal any more', () => {
    const before = [fund()!, chain.account('bank').balance] as const;
    const caseId = decided({ amount: 40 * BPI }, 40 * BPI);
    expect(chain.case(caseId)).toMatchObject({ state: 'Decided', held: 40 * BPI });
    chain.pass(14 * DAY);
    expect(chain.case(caseId)).toMatchObject({ state: 'Closed', held: 0 });
    // The claimant has its deposit back; the arbitrators' pay, 10 BPI, is the fund's as well.
    expect(before[0] - fund()!).toBeGreaterThanOrEqual(50 * BPI);
    expect(chain.account('bank').balance - before[1]).toBeGreaterThan(39 * BPI);
  });

  it('is appealed for the network by any validator in force, who has its deposit back when it was right', () => {
    const caseId = decided({ amount: 40 * BPI }, 40 * BPI);
    expect(chain.run('visitor', 'case.appeal', { caseId, grounds: 'no' })).toMatchObject({ code: 'NotPermitted' });
    const before = account(VALIDATOR_KEYS[1]!.publicKey).balance;
    expect(chain.asValidator(1, 'case.appeal', { caseId, grounds: 'it was reckoned rightly' })).toMatchObject({ code: 'Appealed' });
    chain.draw(caseId);
    chain.judge(caseId, [null, null, null, null, 1]);
    expect(chain.case(caseId)).toMatchObject({ held: 0, decisions: [{ decision: 'Upheld' }, { decision: 'Dismissed' }] });
    expect(before - account(VALIDATOR_KEYS[1]!.publicKey).balance).toBeLessThan(BPI);
  });

  it('a slash that the court reverses is appealed for the network too, but not by the one that was slashed', () => {
    chain.run('visitor', 'evidence.report', doubleVote(3, 'prepare'));
    const [{ id }] = [...chain.state.list('slash/')].map(([, text]) => JSON.parse(text) as SlashRecord) as [SlashRecord];
    const { transactionId: caseId } = chain.asValidator(3, 'case.open', opening({ category: 'Security', remedy: 'ReverseSlash', subject: `slash/${id}`, amount: 0 }));
    chain.draw(caseId);
    chain.judge(caseId, [0, 0, 0]);
    expect(chain.asValidator(3, 'case.appeal', { caseId, grounds: 'x' })).toMatchObject({ code: 'NotPermitted' });
    expect(chain.asValidator(0, 'case.appeal', { caseId, grounds: 'both signatures are there' })).toMatchObject({ code: 'Appealed' });
  });
});

describe('a vote that is disputed (9.1 governance disputes)', () => {
  const fee = (receiptFee: number, height = 1): ProposalContent => ({ kind: 'EconomicParameter', changes: { receiptFee }, height });
  const dispute = (id: string, changes = {}) => open({ category: 'Governance', remedy: 'AnnulProposal', subject: `proposal/${id}`, amount: 0, ...changes });
  const receiptFee = () => parametersIn(new Overlay(chain.state), chain.genesis).receiptFee;
  const voted = (content: ProposalContent = fee(3)) => {
    const { transactionId } = chain.propose(content);
    chain.vote(transactionId, [0, 1, 2]);
    return transactionId;
  };

  it('is stayed by the first decision, and annulled when nobody can appeal', () => {
    const id = voted();
    const { transactionId: caseId } = dispute(id);
    chain.draw(caseId);
    chain.judge(caseId, [0, 0, 0]);
    expect(chain.proposal(id)).toMatchObject({ state: 'Voting', stayedBy: caseId });
    for (const days of [4, 4]) chain.pass(days * DAY);
    expect([chain.proposal(id).state, receiptFee()]).toEqual(['Passed', 1]);
    chain.pass(6 * DAY);
    expect(chain.proposal(id)).toMatchObject({ state: 'Annulled', outcome: `annulled by case ${caseId}` });
    expect(receiptFee()).toBe(1);
  });

  it('is carried out after all when a higher tier finds it right, though its time has passed', () => {
    const id = voted();
    const { transactionId: caseId } = dispute(id);
    chain.draw(caseId);
    chain.judge(caseId, [0, 0, 0]);
    for (const days of [4, 4]) chain.pass(days * DAY);
    expect(chain.asValidator(0, 'case.appeal', { caseId, grounds: 'each of us voted' })).toMatchObject({ code: 'Appealed' });
    chain.draw(caseId);
    chain.judge(caseId, [null, null, null, null, null]);
    chain.pass(1_000);
    expect(chain.proposal(id)).toMatchObject({ state: 'Executed' });
    expect(chain.proposal(id)).not.toHaveProperty('stayedBy');
    expect(receiptFee()).toBe(3);
  });

  it.each([['in force', 1], ['yet to come', 10_000]])('a change of parameters %s goes back to what it was', (_when, height) => {
    const id = voted(fee(3, height));
    chain.pass(7 * DAY);
    chain.pass(3 * DAY);
    expect(chain.proposal(id).state).toBe('Executed');
    const caseId = dispute(id).transactionId;
    chain.draw(caseId);
    chain.judge(caseId, [0, 0, 0]);
    chain.pass(14 * DAY);
    expect(chain.proposal(id).state).toBe('Annulled');
    expect([receiptFee(), chain.record(`parameters-due/${id}`)]).toEqual([1, undefined]);
  });

  it('hears nobody on the panel who has a vote or a node', () => {
    const [judge] = VALIDATOR_KEYS;
    chain.asValidator(0, 'arbitrator.register', { categories: ['Governance'], conflicts: [] });
    const caseId = dispute(voted()).transactionId;
    chain.draw(caseId);
    expect(chain.case(caseId).panel.map(({ account: key }) => key)).not.toContain(judge!.publicKey);
  });

  it.each<[what: string, code: string, act: () => { code: string }]>([
    ['one that nobody made', 'UnknownProposal', () => dispute('ab'.repeat(32))],
    ['one that has ended', 'AlreadyEnded', () => {
      const id = chain.propose(fee(3)).transactionId;
      chain.pass(7 * DAY);
      return dispute(id);
    }],
    ['a change whose appeal window is over', 'AlreadyEnded', () => {
      const id = voted();
      for (const days of [7, 3, 15]) chain.pass(days * DAY);
      return dispute(id);
    }],
    ['in another category', 'InvalidCase', () => dispute(voted(), { category: 'Economic' })],
    ['against an account', 'InvalidCase', () => dispute(voted(), { respondent: of('operator') })],
  ])('refuses to hear %s: %s', (_what, code, act) => expect(act().code).toBe(code));
});

describe('evidence of a case (9.3)', () => {
  const testimony = (text: string): CourtPayloads['case.evidence']['evidence'] => ({ type: 'testimony', text });
  it('is not crowded out by others: each files so much, and all who are no party so much', () => {
    const { transactionId: caseId } = open({ respondent: of('operator') });
    const file = (name: string, i: number) => chain.run(name, 'case.evidence', { caseId, evidence: testimony(`${name} ${i}`) });
    const codes = (name: string, count: number) => Array.from({ length: count }, (_, i) => file(name, i).code);
    expect(codes('visitor', 17)).toEqual([...Array<string>(16).fill('Filed'), 'LimitReached']);
    expect(codes('owner-a', 16)).toEqual(Array(16).fill('Filed'));
    expect(file('owner-b', 0).code).toBe('LimitReached');
    for (const party of ['bank', 'operator']) expect(codes(party, 16)).toEqual(Array(16).fill('Filed'));
  });
});

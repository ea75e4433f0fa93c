import { beforeEach, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../crypto/hash.js';
import { testCertificate, testHeader } from '../../../receipts/testing/testValidators.js';
import { ballotCommitment, evidenceCommitment } from '../../courtBallot.js';
import type { CourtPayloads } from '../../courtTypes.js';
import type { SlashRecord } from '../../economyTypes.js';
import { stateKeys, type AccountRecord, type SupplyRecord, type TransactionType } from '../../types.js';
import { Overlay } from '../state.js';
import { slash } from '../slashing/slash.js';
import { ARBITRATORS, DAY, GovernedChain, governedGenesis, VALIDATOR_KEYS } from '../testing/governedChain.js';
import { agreementDeploy, agreementSpec } from '../testing/samplePayloads.js';
import { agreementHash } from '../agreements/agreementHash.js';
import { doubleVote } from '../testing/testEvidence.js';
import { BPI, keyOf, validators } from '../testing/testGenesis.js';
import { panelSize } from './arbitrators.js';

let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
});
const operator = keyOf('operator').publicKey;
const claim = (changes: Partial<CourtPayloads['case.open']> = {}): CourtPayloads['case.open'] => ({
  category: 'Economic',
  respondent: operator,
  remedy: 'Compensation',
  subject: '',
  amount: 300 * BPI,
  claim: 'charged for what never ran',
  evidence: [{ type: 'testimony', text: 'nothing ran' }],
  ...changes,
});
const open = (changes: Partial<CourtPayloads['case.open']> = {}) => chain.run('bank', 'case.open', claim(changes)).transactionId;
const slashes = () => [...chain.state.list('slash/')].map(([, text]) => JSON.parse(text) as SlashRecord);
const escrow = () => chain.record<SupplyRecord>(stateKeys.supply)!.escrow;

describe('a slash that is appealed', () => {
  const [offender] = VALIDATOR_KEYS.slice(3);
  const stake = () => chain.record<AccountRecord>(stateKeys.account(offender!.publicKey))!.stake;
  function appealed(): string {
    chain.registerArbitrators();
    chain.run('visitor', 'evidence.report', doubleVote(3, 'prepare'));
    const [{ id }] = slashes() as [SlashRecord];
    return chain.asValidator(3, 'case.open', claim({ category: 'Security', respondent: '', remedy: 'ReverseSlash', subject: `slash/${id}`, amount: 0 })).transactionId;
  }

  it('and reversed by the panel gives the stake back, when nobody can appeal any more', () => {
    const caseId = appealed();
    expect(stake()).toBe(950 * BPI);
    expect(chain.draw(caseId)).toHaveLength(3);
    expect(chain.judge(caseId, [0, 0, null])).toMatchObject({ code: 'Upheld' });
    expect(stake()).toBe(950 * BPI);
    expect(chain.pass(14 * DAY).map(({ operationType }) => operationType)).toContain('case.deadline');
    expect(chain.case(caseId)).toMatchObject({ state: 'Closed', decisions: [{ tier: 1, decision: 'Upheld', for: 2, against: 1 }] });
    expect([stake(), slashes()[0]!.state]).toEqual([1_000 * BPI, 'Reversed']);
  });

  it('and confirmed is shared among the honest', () => {
    const caseId = appealed();
    chain.draw(caseId);
    chain.judge(caseId, [null, null, 0]);
    chain.pass(14 * DAY);
    expect([stake(), slashes()[0]!.state]).toEqual([950 * BPI, 'Final']);
  });

  it('stands when no panel can be found in time', () => {
    chain.registerArbitrators(ARBITRATORS.slice(0, 2));
    chain.run('visitor', 'evidence.report', doubleVote(3, 'prepare'));
    const caseId = chain.asValidator(3, 'case.open', claim({ category: 'Security', respondent: '', remedy: 'ReverseSlash', subject: `slash/${slashes()[0]!.id}`, amount: 0 })).transactionId;
    chain.draw(caseId);
    expect(chain.case(caseId).state).toBe('Drawing');
    chain.pass(DAY);
    expect(chain.case(caseId)).toMatchObject({ state: 'Decided', decisions: [{ decision: 'Dismissed' }] });
    chain.pass(14 * DAY);
    expect(slashes()[0]!.state).toBe('Final');
  });
});

describe('three tiers', () => {
  it('have growing panels of new arbitrators, and each takes back what the one before did', () => {
    chain.registerArbitrators();
    const before = chain.account('operator').balance;
    const caseId = open();
    const first = chain.draw(caseId);
    chain.judge(caseId, [250 * BPI, 200 * BPI, 500 * BPI]);
    expect(chain.case(caseId)).toMatchObject({ state: 'Decided', held: 250 * BPI, decisions: [{ award: 250 * BPI }] });

    chain.run('operator', 'case.appeal', { caseId, grounds: 'it ran' });
    const second = chain.draw(caseId);
    chain.judge(caseId, [null, null, null, 1, 1]);
    expect(chain.case(caseId)).toMatchObject({ held: 0, decisions: [{ decision: 'Upheld' }, { decision: 'Dismissed' }] });

    chain.run('bank', 'case.appeal', { caseId, grounds: 'it did not' });
    const third = chain.draw(caseId);
    chain.judge(caseId, [null, null, 100 * BPI, 90 * BPI, 80 * BPI, 300 * BPI, null]);
    expect([first, second, third].map((panel) => panel.length)).toEqual([1, 2, 3].map(panelSize));
    expect(new Set([...first, ...second, ...third]).size).toBe(15);
    // The last tier is final at once; the lower median of 80, 90, 100, 300.
    expect(chain.case(caseId)).toMatchObject({ state: 'Closed', held: 0, decisions: [{}, {}, { decision: 'Upheld', award: 90 * BPI, for: 4, against: 3 }] });
    expect(before - chain.account('operator').balance).toBeGreaterThanOrEqual(90 * BPI);
    expect(chain.run('bank', 'case.appeal', { caseId, grounds: 'more' })).toMatchObject({ code: 'TooLate' });
  });

  it('let only the one against whom it went appeal, and pay arbitrators alike whatever they decide', () => {
    chain.registerArbitrators();
    for (const [award, deposit] of [[10 * BPI, 'operator'], [null, 'bank']] as const) {
      const caseId = open();
      const panel = chain.draw(caseId);
      const before = panel.map((name) => chain.account(name).balance);
      chain.judge(caseId, [award, award, award]);
      // A third of the deposit, less four operations' fees.
      panel.forEach((name, i) => expect(chain.account(name).balance - before[i]!).toBeGreaterThan(3 * BPI));
      const winner = deposit === 'bank' ? 'operator' : 'bank';
      expect(chain.run(winner, 'case.appeal', { caseId, grounds: 'no' })).toMatchObject({ code: 'NotPermitted' });
    }
  });

  it('draw no party, nobody with a conflict, and another panel when the first is silent', () => {
    chain.registerArbitrators(ARBITRATORS.slice(0, 8));
    chain.run('arbitrator-0', 'arbitrator.register', { categories: ['Economic'], conflicts: [operator] });
    chain.run('bank', 'arbitrator.register', { categories: ['Economic'], conflicts: [] });
    const caseId = open();
    const silent = chain.draw(caseId);
    expect(silent).not.toContain('arbitrator-0');
    chain.pass(3 * DAY);
    const bondOf = (name: string) => chain.record<{ bond: number }>(`arbitrator/${keyOf(name).publicKey}`)!.bond;
    chain.pass(2 * DAY);
    expect(silent.map(bondOf)).toEqual([90, 90, 90].map((bpi) => bpi * BPI));
    chain.pass(1_000);
    chain.pass(1_000);
    const others = chain.panel(caseId);
    expect(others).toHaveLength(3);
    expect(others.filter((name) => silent.includes(name) || name === 'arbitrator-0')).toEqual([]);
  });

  it('draw the panel from the hash of a block certified after it was asked for', () => {
    chain.registerArbitrators();
    const caseId = open();
    chain.pass(3 * DAY);
    const asked = chain.header.height;
    expect(chain.case(caseId)).toMatchObject({ state: 'Drawing', drawHeight: asked + 2 });
    chain.pass(1_000);
    const seed = chain.header;
    const [drawn] = chain.pass(1_000).slice(-1);
    expect(drawn).toMatchObject({ operationType: 'case.draw', blockHeight: asked + 2 });
    expect(seed.height).toBe(asked + 1);
  });
});

describe('what the ledger decides alone (9.2)', () => {
  it('opens a case when a placement was decided too late, once an hour, with its evidence', () => {
    chain.admit('slow');
    chain.admit('slower');
    chain.pass(6_000);
    const { details } = chain.place('slow');
    const { breach } = details as { breach: string };
    expect(chain.case(breach)).toMatchObject({
      category: 'Performance',
      respondent: operator,
      state: 'Decided',
      held: BPI,
      evidence: [{ type: 'record', by: '' }],
      decisions: [{ tier: 0, decision: 'Upheld', award: BPI }],
    });
    expect(chain.place('slower').details).not.toHaveProperty('breach');
    chain.pass(14 * DAY);
    expect(chain.case(breach)).toMatchObject({ state: 'Closed', held: 0 });
  });

  it('takes an automatic penalty back when the respondent’s appeal succeeds', () => {
    chain.registerArbitrators();
    chain.admit('slow');
    chain.pass(6_000);
    const { breach } = chain.place('slow').details as { breach: string };
    expect(chain.run('operator', 'case.appeal', { caseId: breach, grounds: 'the network was down' })).toMatchObject({ code: 'Appealed' });
    chain.draw(breach);
    chain.judge(breach, [null, null, null]);
    expect(chain.case(breach)).toMatchObject({ held: 0, decisions: [{ decision: 'Upheld' }, { tier: 1, decision: 'Dismissed' }] });
  });

  it('decides small claims about performance from the records', () => {
    chain.admit('slow');
    chain.admit('quick');
    chain.place('quick');
    chain.pass(6_000);
    chain.place('slow');
    const ask = (pod: string, amount = 5 * BPI) =>
      chain.run('bank', 'case.open', claim({ category: 'Performance', amount, evidence: [{ type: 'record', key: `decision/uid-${pod}` }] }));
    expect(ask('slow')).toMatchObject({ code: 'Upheld', details: { award: BPI } });
    expect(ask('quick')).toMatchObject({ code: 'Dismissed' });
    expect(ask('slow', 200 * BPI)).toMatchObject({ code: 'Opened' });
  });

  it('removes a node whose owner was penalised for tampering, and lets it back when an appeal succeeds', () => {
    chain.registerArbitrators();
    const state = new Overlay(chain.state);
    const block = { genesis: chain.genesis, height: chain.header.height, timestamp: chain.header.timestamp, parameters: { receiptTamperingPercent: 25, appealWindowMs: 14 * DAY, offenceWindowMs: 14 * DAY } };
    const account = keyOf('node-operator').publicKey;
    slash(state, block as never, { account, subject: 'node/eu-1', offence: 'receiptTampering', evidence: 'a forked log' });
    chain.state.apply(state.changes());
    chain.tree = chain.tree.update(state.changes());
    const told = chain.pass(1_000).at(-1)!;
    expect(told).toMatchObject({ operationType: 'case.open', code: 'Upheld' });
    chain.admit('pod-1');
    expect(chain.place('pod-1')).toMatchObject({ code: 'Waiting' });
    const caseId = told.object!.name;
    chain.run('node-operator', 'case.appeal', { caseId, grounds: 'it was not ours' });
    chain.draw(caseId);
    chain.judge(caseId, [null, null, 0]);
    chain.admit('pod-2');
    expect(chain.place('pod-2')).toMatchObject({ code: 'Placed' });
  });
});

describe('agreements', () => {
  it('that a panel finds broken are no ground for data to flow any more', () => {
    chain.registerArbitrators();
    chain.run('operator', 'agreement.deploy', agreementDeploy('payments', { spec: agreementSpec() }));
    const hash = agreementHash(agreementSpec());
    const caseId = chain.run('bank', 'case.open', claim({ remedy: 'TerminateAgreement', subject: `agreement/${hash}`, amount: 0, respondent: keyOf('processor').publicKey })).transactionId;
    chain.draw(caseId);
    chain.judge(caseId, [0, 0, 0]);
    expect(chain.record(stateKeys.agreement(hash))).toMatchObject({ state: 'InForce' });
    chain.pass(14 * DAY);
    expect(chain.record(stateKeys.agreement(hash))).toMatchObject({ state: 'Breached' });
  });
});

describe('evidence', () => {
  const salt = 'a salt of some length';
  it('that is confidential is committed to first and opened later', () => {
    const caseId = open();
    const file = (evidence: CourtPayloads['case.evidence']['evidence']) => chain.run('bank', 'case.evidence', { caseId, evidence });
    const hash = evidenceCommitment(salt, 'a contract');
    expect(file({ type: 'disclosure', salt, content: 'a contract' })).toMatchObject({ code: 'BadEvidence' });
    expect(file({ type: 'commitment', hash })).toMatchObject({ code: 'Filed' });
    expect(file({ type: 'disclosure', salt, content: 'another' })).toMatchObject({ code: 'BadEvidence' });
    expect(file({ type: 'disclosure', salt, content: 'a contract' })).toMatchObject({ code: 'Filed' });
    expect(chain.case(caseId).evidence.map(({ shows }) => shows)).toEqual(['testimony', 'confidential evidence, committed to', `opens commitment ${hash}`]);
  });

  const header = (changes = {}) => testHeader(validators.set, { height: 1, timestamp: chain.header.timestamp, ...changes });
  it.each<[what: string, code: string, evidence: () => CourtPayloads['case.evidence']['evidence']]>([
    ['a certificate of this chain', 'Filed', () => ({ type: 'certificate', header: header(), certificate: testCertificate(validators, header(), [0, 1, 2]) })],
    ['a certificate of too few', 'BadEvidence', () => ({ type: 'certificate', header: header(), certificate: testCertificate(validators, header(), [0, 1]) })],
    ['a certificate of another chain', 'BadEvidence', () => ({ type: 'certificate', header: header({ chainId: 'other' }), certificate: testCertificate(validators, header({ chainId: 'other' }), [0, 1, 2]) })],
    ['a certificate of the future', 'StaleEvidence', () => ({ type: 'certificate', header: header({ height: 99 }), certificate: testCertificate(validators, header({ height: 99 }), [0, 1, 2]) })],
    ['a certificate of long ago', 'StaleEvidence', () => ({ type: 'certificate', header: header({ timestamp: 1 }), certificate: testCertificate(validators, header({ timestamp: 1 }), [0, 1, 2]) })],
    ['a forged certificate', 'BadEvidence', () => ({ type: 'certificate', header: header(), certificate: testCertificate(validators, header({ proposer: 1 }), [0, 1, 2]) })],
    ['a state proof that leads nowhere', 'BadEvidence', () => ({ type: 'state', key: 'supply', value: '{}', proof: { siblings: [] }, header: header(), certificate: testCertificate(validators, header(), [0, 1, 2]) })],
    ['a record', 'Filed', () => ({ type: 'record', key: 'supply' })],
    ['no record', 'BadEvidence', () => ({ type: 'record', key: 'nothing' })],
    ['the same again', 'DuplicateEvidence', () => ({ type: 'testimony', text: 'nothing ran' })],
  ])('%s: %s', (_what, code, evidence) => {
    const caseId = open();
    expect(chain.run('bank', 'case.evidence', { caseId, evidence: evidence() })).toMatchObject({ code });
  });
});

describe('refused', () => {
  const unknown = 'ab'.repeat(32);
  it.each<[what: string, code: string, act: () => { code: string }]>([
    ['a case against oneself', 'InvalidCase', () => chain.run('operator', 'case.open', claim())],
    ['a case against nobody on this chain', 'UnknownAccount', () => chain.run('bank', 'case.open', claim({ respondent: unknown }))],
    ['a claim of nothing', 'InvalidCase', () => chain.run('bank', 'case.open', claim({ amount: 0 }))],
    ['an appeal against another’s slash', 'NotPermitted', () => {
      chain.run('visitor', 'evidence.report', doubleVote(3, 'prepare'));
      return chain.run('bank', 'case.open', claim({ respondent: '', remedy: 'ReverseSlash', subject: `slash/${slashes()[0]!.id}`, amount: 0 }));
    }],
    ['an appeal out of time', 'TooLate', () => {
      chain.run('visitor', 'evidence.report', doubleVote(3, 'prepare'));
      chain.pass(15 * DAY);
      return chain.asValidator(3, 'case.open', claim({ respondent: '', remedy: 'ReverseSlash', subject: `slash/${slashes()[0]!.id}`, amount: 0 }));
    }],
    ['a slash that is not there', 'UnknownSlash', () => chain.run('bank', 'case.open', claim({ respondent: '', remedy: 'ReverseSlash', subject: `slash/${unknown}`, amount: 0 }))],
    ['an agreement that is not in force', 'AgreementEnded', () => chain.run('bank', 'case.open', claim({ remedy: 'TerminateAgreement', subject: `agreement/${unknown}`, amount: 0 }))],
    ['removing what is no node', 'InvalidCase', () => chain.run('bank', 'case.open', claim({ remedy: 'RemoveNode', subject: '', amount: 0 }))],
    ['removing somebody else’s node', 'InvalidCase', () => chain.run('bank', 'case.open', claim({ remedy: 'RemoveNode', subject: 'node/eu-1', amount: 0 }))],
    ['a deposit that is not there', 'InsufficientFunds', () => {
      chain.run('visitor', 'mesh.open', { amount: 995 * BPI });
      return chain.run('visitor', 'case.open', claim());
    }],
    ['evidence for no case', 'UnknownCase', () => chain.run('bank', 'case.evidence', { caseId: unknown, evidence: { type: 'record', key: 'supply' } })],
    ['evidence after its time', 'TooLate', () => {
      const caseId = open();
      chain.pass(3 * DAY);
      return chain.run('bank', 'case.evidence', { caseId, evidence: { type: 'record', key: 'supply' } });
    }],
    ['an appeal before there is a decision', 'TooLate', () => chain.run('bank', 'case.appeal', { caseId: open(), grounds: 'x' })],
    ['a ballot before its time', 'TooLate', () => chain.run('bank', 'case.commit', { caseId: open(), commitment: unknown })],
    ['an appeal when the decision is final', 'TooLate', () => {
      chain.registerArbitrators();
      const caseId = open();
      chain.draw(caseId);
      chain.judge(caseId, [1, 1, 1]);
      chain.pass(14 * DAY);
      return chain.run('operator', 'case.appeal', { caseId, grounds: 'late' });
    }],
    ['a late commitment', 'TooLate', () => {
      chain.registerArbitrators();
      const caseId = open();
      const [one] = chain.draw(caseId);
      chain.pass(3 * DAY);
      return chain.run(one!, 'case.commit', { caseId, commitment: unknown });
    }],
    ['a late ballot', 'TooLate', () => {
      chain.registerArbitrators();
      const caseId = open();
      const [one] = chain.draw(caseId);
      const ballot = { upheld: true, award: 1, salt: sha256Hex('salt') };
      chain.run(one!, 'case.commit', { caseId, commitment: ballotCommitment(caseId, 1, keyOf(one!).publicKey, ballot) });
      for (const days of [3, 2]) chain.pass(days * DAY);
      return chain.run(one!, 'case.reveal', { caseId, ballot });
    }],
    ['a resignation of nobody', 'NotRegistered', () => chain.run('bank', 'arbitrator.resign', {})],
  ])('%s: %s', (_what, code, act) => expect(act().code).toBe(code));

  it.each<[what: string, type: TransactionType, payload: object, code?: string]>([
    ['a negative claim', 'case.open', { ...claim(), amount: -1 }],
    ['a claim beyond exact counting', 'case.open', { ...claim(), amount: 2 ** 53 }, 'NotAnInteger'],
    ['a claim of half a µBPI', 'case.open', { ...claim(), amount: 0.5 }, 'NotAnInteger'],
    ['a negative stake', 'stake.bond', { account: operator, name: 'operator', amount: -1 }],
    ['unbonding nothing', 'stake.unbond', { amount: 0 }],
    ['unbonding less than nothing', 'stake.unbond', { amount: -1 }],
    ['an escrow beyond exact counting', 'mesh.open', { amount: 2 ** 53 }, 'NotAnInteger'],
    ['a negative number of calls', 'mesh.settle', { caller: operator, calls: -1 }],
    ['a negative award', 'case.reveal', { caseId: unknown, ballot: { upheld: true, award: -1, salt: unknown } }],
    ['a negative measurement', 'level.state', { level: 'storage_time', respondent: operator, ms: -1 }],
  ])('as malformed, before it costs anybody anything: %s', (_what, type, payload, code = 'Malformed') => {
    expect(() => chain.commit([chain.sign('operator', type, payload as never)])).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('ballots by others, twice, changed, or copied from a colleague', () => {
    chain.registerArbitrators();
    const caseId = open();
    const [one, two] = chain.draw(caseId) as [string, string, string];
    expect(chain.run('bank', 'case.commit', { caseId, commitment: unknown })).toMatchObject({ code: 'NotPermitted' });
    expect(chain.run(one, 'arbitrator.resign', {})).toMatchObject({ code: 'InUse' });
    chain.run(one, 'case.commit', { caseId, commitment: unknown });
    expect(chain.run(one, 'case.commit', { caseId, commitment: unknown })).toMatchObject({ code: 'AlreadyVoted' });
    chain.run(two, 'case.commit', { caseId, commitment: unknown });
    chain.pass(3 * DAY);
    const ballot = { upheld: true, award: 1, salt: sha256Hex('salt') };
    expect(chain.run(one, 'case.reveal', { caseId, ballot })).toMatchObject({ code: 'BallotMismatch' });
    expect(escrow()).toBeGreaterThan(0);
  });

  it('a resigned arbitrator has its bond back', () => {
    chain.registerArbitrators(['arbitrator-1']);
    expect(chain.account('arbitrator-1').balance).toBeLessThan(900 * BPI);
    chain.run('arbitrator-1', 'arbitrator.resign', {});
    expect(chain.account('arbitrator-1').balance).toBeGreaterThan(999 * BPI);
    expect(escrow()).toBe(0);
    expect(governedGenesis().accounts.length).toBeGreaterThan(18);
  });
});

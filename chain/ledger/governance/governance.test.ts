import { beforeEach, describe, expect, it } from 'vitest';
import { signEd25519 } from '../../../crypto/ed25519.js';
import { toHex } from '../../../crypto/encoding.js';
import type { SlashRecord } from '../../economyTypes.js';
import type { ProposalContent, ProposalKind } from '../../governanceTypes.js';
import type { ValidatorSetIndex } from '../../types.js';
import { testValidators } from '../../../receipts/testing/testValidators.js';
import { executeBlock } from '../executeBlock.js';
import { Overlay } from '../state.js';
import { parametersIn } from '../parameters/parameters.js';
import { genesisParameters } from '../parameters/parameters.js';
import { FLOOD } from '../../consensus/contradict.js';
import { DAY, GovernedChain, VALIDATOR_KEYS } from '../testing/governedChain.js';
import { floodOf } from '../testing/testEvidence.js';
import { doubleVote } from '../testing/testEvidence.js';
import { agreementDeploy, agreementSpec, policyPut } from '../testing/samplePayloads.js';
import { BPI, keyOf } from '../testing/testGenesis.js';
import { changeMessage } from '../validators/changeMessage.js';
import { latestSet } from '../validators/validatorSets.js';
import { neededVotes, tallyOf, VOTING_RULES } from './tally.js';

let chain: GovernedChain;
beforeEach(() => {
  chain = new GovernedChain();
});
const newcomer = () => ({ ...testValidators(1, 67, 9).set.validators[0]!, address: 'newcomer', endpoint: '127.0.0.1:21399' });
const parameter = (changes = { receiptFee: 3 }, height = 1): ProposalContent => ({ kind: 'EconomicParameter', changes, height });
const parameters = () => parametersIn(new Overlay(chain.state), chain.genesis);

describe('thresholds (5.2)', () => {
  const timelocks = genesisParameters(new GovernedChain().genesis);
  it.each<[section: string, says: string, kind: ProposalKind, needed: number[], timelock: number]>([
    ['5.2', 'protocol_upgrades: 2/3+ node consensus + 7-day timelock', 'ProtocolUpgrade', [3, 3, 5, 5, 7], 7 * DAY],
    ['5.2', 'economic_parameter_changes: 2/3+ node consensus + 3-day timelock', 'EconomicParameter', [3, 3, 5, 5, 7], 3 * DAY],
    ['5.2', 'node_addition: Simple majority + stake verification', 'NodeAddition', [2, 3, 4, 4, 6], 0],
    ['5.2', 'node_removal: 2/3+ consensus + evidence of violations', 'NodeRemoval', [3, 3, 5, 5, 7], 0],
    ['5.2', 'emergency_actions: 3/4+ consensus for immediate execution', 'Emergency', [3, 3, 5, 6, 8], 0],
    ['5.3', 'Security Patches: Emergency deployment with 3/4+ consensus', 'SecurityPatch', [3, 3, 5, 6, 8], 0],
    ['5.3', 'Feature Additions: Standard governance process', 'PolicyChange', [3, 3, 5, 5, 7], 3 * DAY],
    ['11.1', 'voluntary_termination: 2/3+ node consensus', 'Termination', [3, 3, 5, 5, 7], 0],
  ])('%s %s', (section, _says, kind, needed, timelock) => {
    const rule = VOTING_RULES[kind];
    const sets = [3, 4, 6, 7, 10].map((n) => ({ validators: Array.from({ length: n }, (_, i) => ({ ed25519PublicKey: `${i}` }) as never), quorumPercent: 67 }));
    expect(sets.map((set) => neededVotes(rule.threshold, set))).toEqual(needed);
    expect([rule.section, rule.timelock(timelocks)]).toEqual([section, timelock]);
  });

  it('counts each validator in force once, and nobody else', () => {
    const set = { validators: ['a', 'b', 'c'].map((ed25519PublicKey) => ({ ed25519PublicKey }) as never), quorumPercent: 67 };
    expect(tallyOf({ a: true, b: false, gone: true }, 'majority', set)).toEqual({ approve: 1, reject: 1, validators: 3, needed: 2 });
  });
});

describe('a parameter change', () => {
  it('waits for the vote to close and for its timelock, whoever approves when, and is in force from its height on', () => {
    const { transactionId: id } = chain.propose(parameter({ receiptFee: 3 }, 60));
    // The deposit, and what one operation in a block of its own costs: receipt 1, consensus round 10, block 1 µBPI.
    expect(chain.account('bank').balance).toBe(990 * BPI - 12);
    chain.vote(id, [0, 1, 2, 3]);
    expect(chain.proposal(id).state).toBe('Voting');
    expect(chain.pass(7 * DAY)).toMatchObject([{ operationType: 'proposal.close', code: 'Passed', object: { kind: 'Proposal', name: id } }]);
    expect(chain.account('bank').balance).toBe(1_000 * BPI - 12);
    chain.pass(3 * DAY - 1_000);
    expect(chain.proposal(id).state).toBe('Passed');
    expect(chain.pass(1_000).at(-1)).toMatchObject({ operationType: 'proposal.execute', code: 'Executed' });
    while (chain.nextHeight < 59) chain.pass(1_000);
    expect(parameters().receiptFee).toBe(1);
    expect(chain.pass(1_000).at(-1)).toMatchObject({ operationType: 'parameters.change', code: 'Changed', blockHeight: 59 });
    expect(parameters().receiptFee).toBe(3);
  });

  it('lets votes change until it closes, and is rejected with its deposit when too few approve', () => {
    const { transactionId: id } = chain.propose(parameter());
    chain.vote(id, [0, 1, 2]);
    expect(chain.vote(id, [2], false)[0]).toMatchObject({ code: 'Voted' });
    chain.pass(7 * DAY);
    expect(chain.proposal(id)).toMatchObject({ state: 'Rejected', tally: { approve: 2, reject: 1, validators: 4, needed: 3 } });
    expect(chain.account('bank').balance).toBe(990 * BPI - 12);
  });

  it('fails when other changes made it impossible meanwhile', () => {
    const longer = chain.propose(parameter({ unbondingMs: 20 * DAY } as never)).transactionId;
    const window = chain.propose(parameter({ appealWindowMs: 14 * DAY - 1 } as never)).transactionId;
    for (const id of [longer, window]) chain.vote(id, [0, 1, 2]);
    chain.pass(7 * DAY);
    chain.pass(3 * DAY);
    expect([longer, window].map((id) => chain.proposal(id).state)).toEqual(['Executed', 'Executed']);
    const shorter = chain.propose(parameter({ unbondingMs: 14 * DAY } as never)).transactionId;
    const wider = chain.propose(parameter({ appealWindowMs: 18 * DAY } as never)).transactionId;
    for (const id of [shorter, wider]) chain.vote(id, [0, 1, 2]);
    chain.pass(7 * DAY);
    chain.pass(3 * DAY);
    const states = [shorter, wider].map((id) => chain.proposal(id).state).sort();
    expect(states).toEqual(['Executed', 'Failed']);
  });
});

describe('upgrades', () => {
  it('switch at a height; a node without the code stops there, one with it goes on', () => {
    const { transactionId: id } = chain.propose({ kind: 'SecurityPatch', version: 2, height: chain.nextHeight + 6 });
    const at = chain.nextHeight + 5;
    expect(chain.vote(id, [0, 1, 2]).at(-1)).toMatchObject({ code: 'Executed' });
    while (chain.nextHeight < at) chain.pass(1_000);
    expect(() => chain.execute([])).toThrow(expect.objectContaining({ code: 'UnsupportedProtocol' }) as Error);
    const input = { genesis: chain.genesis, height: chain.nextHeight, timestamp: chain.nextTime, transactions: [], tree: chain.tree, frontier: chain.frontier, previousHeader: chain.header };
    expect(executeBlock(chain.state, { ...input, supportedProtocol: 2 }).faults).toEqual([]);
  });

  it('by the usual way wait seven days after the vote', () => {
    const { transactionId: id } = chain.propose({ kind: 'ProtocolUpgrade', version: 2, height: 1 });
    chain.vote(id, [0, 1, 2]);
    chain.pass(7 * DAY);
    chain.pass(7 * DAY - 1);
    expect(chain.proposal(id).state).toBe('Passed');
    chain.pass(1);
    expect(chain.proposal(id)).toMatchObject({ state: 'Executed' });
    expect(chain.propose({ kind: 'ProtocolUpgrade', version: 3, height: 1 })).toMatchObject({ code: 'ChangePending' });
  });
});

describe('nodes', () => {
  it('a validator with stake comes by a simple majority, at once', () => {
    const validator = newcomer();
    expect(chain.propose({ kind: 'NodeAddition', validator })).toMatchObject({ code: 'InsufficientStake' });
    chain.run('node-operator', 'stake.bond', { account: validator.ed25519PublicKey, name: 'newcomer', amount: 500 * BPI });
    const { transactionId: id } = chain.propose({ kind: 'NodeAddition', validator });
    expect(chain.vote(id, [0, 1])[1]).toMatchObject({ code: 'Voted' });
    expect(chain.vote(id, [2])[0]).toMatchObject({ code: 'Executed' });
    expect(chain.record<ValidatorSetIndex>('validatorsets')!.since).toEqual([0, chain.header.height + 2]);
  });

  it('a validator goes by the signatures of a quorum alone only when its own is among them', () => {
    const { hash: expectedSetHash, since: expectedSince } = latestSet(chain.state);
    const remove = [VALIDATOR_KEYS[3]!.publicKey];
    const change = { expectedSetHash, expectedSince, add: [], remove, reason: 'a test' };
    const signedBy = (indices: number[]) => ({ ...change, signatures: indices.map((i) => ({ validator: VALIDATOR_KEYS[i]!.publicKey, signature: toHex(signEd25519(VALIDATOR_KEYS[i]!.privateKey, changeMessage(chain.genesis.chainId, change))) })) });
    expect(chain.run('bank', 'validators.change', signedBy([0, 1, 2]))).toMatchObject({ code: 'NotPermitted', reason: expect.stringContaining('NodeRemoval') as string });
    expect(chain.run('bank', 'validators.change', signedBy([1, 2, 3]))).toMatchObject({ code: 'SetChanged' });
  });

  it('a node goes by 2/3+ with evidence that the court did not reverse, and its operator cannot bring it back', () => {
    const subject = 'node/eu-1';
    expect(chain.propose({ kind: 'NodeRemoval', subject, evidence: ['00'.repeat(32)] })).toMatchObject({ code: 'UnknownSlash' });
    chain.run('visitor', 'evidence.report', doubleVote(3, 'prepare'));
    const slash = [...chain.state.list('slash/')].map(([, text]) => JSON.parse(text) as SlashRecord)[0]!;
    expect(chain.propose({ kind: 'NodeRemoval', subject, evidence: [slash.id] })).toMatchObject({ code: 'BadEvidence' });
    const { transactionId: id } = chain.propose({ kind: 'NodeRemoval', subject: slash.subject, evidence: [slash.id] });
    chain.vote(id, [0, 1, 2]);
    expect(chain.proposal(id)).toMatchObject({ state: 'Executed' });
    chain.pass(1_000);
    chain.pass(1_000);
    const other = chain.propose(parameter()).transactionId;
    expect(chain.vote(other, [3])[0]).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
  });
});

describe('emergencies', () => {
  it('halt placement at once, end by themselves, and stay when confirmed until ended', () => {
    const halt: ProposalContent = { kind: 'Emergency', action: 'HaltPlacement', node: '' };
    const { transactionId: id } = chain.propose(halt);
    chain.vote(id, [0, 1, 2]);
    chain.admit('pod-1');
    expect(chain.place('pod-1')).toMatchObject({ code: 'EmergencyHalt' });
    expect(chain.pass(3 * DAY).at(-1)).toMatchObject({ operationType: 'emergency.end', code: 'Expired' });
    expect(chain.place('pod-1')).toMatchObject({ code: 'Placed' });

    const again = chain.propose(halt).transactionId;
    chain.vote(again, [0, 1, 2]);
    const keep = chain.propose({ kind: 'EmergencyConfirmation', emergency: again, keep: true }).transactionId;
    chain.vote(keep, [0, 1, 2]);
    chain.pass(10 * DAY);
    chain.admit('pod-2');
    expect(chain.place('pod-2')).toMatchObject({ code: 'EmergencyHalt' });
    const end = chain.propose({ kind: 'EmergencyConfirmation', emergency: again, keep: false }).transactionId;
    chain.vote(end, [0, 1, 2]);
    expect(chain.place('pod-2')).toMatchObject({ code: 'Placed' });
  });

  it('cordon one node and no other', () => {
    const { transactionId: id } = chain.propose({ kind: 'Emergency', action: 'CordonNode', node: 'eu-1' });
    chain.vote(id, [0, 1, 2]);
    chain.admit('pod-1');
    expect(chain.place('pod-1')).toMatchObject({ code: 'Waiting' });
  });
});

describe('policy changes', () => {
  it('carry the running workloads whose light they change, and can be changed by a vote alone from then on', () => {
    chain.admit('pod-1');
    chain.place('pod-1');
    const sample = policyPut('us-only');
    const rules = sample.spec.rules.map((rule) => ({ ...rule, match: { podSelector: rule.match.podSelector! }, requirement: { regions: ['US' as const] } }));
    const { transactionId: id, details, reason } = chain.propose({ kind: 'PolicyChange', changes: [{ do: 'putPolicy', name: 'us-only', spec: { ...sample.spec, rules } }] });
    expect(reason).toContain('is voted on until');
    expect(details).toMatchObject({ affected: { evaluated: 1, changed: 1, list: [{ pod: { name: 'pod-1' }, from: 'Green', to: 'Red' }] } });
    chain.vote(id, [0, 1, 2]);
    chain.pass(7 * DAY);
    chain.pass(3 * DAY);
    expect(chain.proposal(id)).toMatchObject({ state: 'Executed' });
    expect(chain.run('operator', 'policy.put', policyPut('us-only', { generation: 99 }))).toMatchObject({ code: 'GovernedByVote' });
    expect(chain.run('operator', 'policy.remove', { name: 'us-only', uid: `proposal-${id}` })).toMatchObject({ code: 'GovernedByVote' });
  });
});

describe('termination (11.1)', () => {
  it('by vote has 30 days’ notice, then stakes go back and nothing is placed', () => {
    const { transactionId: id } = chain.propose({ kind: 'Termination', cause: 'voluntary' });
    chain.vote(id, [0, 1, 2]);
    chain.pass(30 * DAY - 1_000);
    expect(chain.account('owner-a').stake).toBe(1_000 * BPI);
    expect(chain.pass(1_000).map(({ operationType }) => operationType)).toContain('cluster.terminate');
    expect(chain.account('owner-a')).toMatchObject({ stake: 0, balance: 2_000 * BPI });
    chain.admit('late');
    expect(chain.place('late')).toMatchObject({ code: 'ClusterTerminated' });
  });

  it('names whom data and obligations go to (11.2), which is another chain', () => {
    const successor = { chainId: 'enc-next', genesisHash: 'ab'.repeat(32) };
    expect(chain.propose({ kind: 'Termination', cause: 'voluntary', successor: { ...successor, chainId: chain.genesis.chainId } })).toMatchObject({ code: 'InvalidProposal' });
    chain.run('operator', 'agreement.deploy', agreementDeploy('payments', { spec: agreementSpec() }));
    const { transactionId: id } = chain.propose({ kind: 'Termination', cause: 'legalProhibition', successor });
    chain.vote(id, [0, 1, 2]);
    const told = chain.pass(1_000).find(({ operationType }) => operationType === 'cluster.terminate')!;
    expect(told.reason).toContain('1 agreements and the cluster\'s data go to chain enc-next');
    expect(chain.record('termination/state')).toMatchObject({ cause: 'legalProhibition', successor });
  });
});

describe('refused', () => {
  const unknown = 'ab'.repeat(32);
  it.each<[what: string, code: string, act: () => { code: string }]>([
    ['a vote by somebody who is no validator', 'NotPermitted', () => chain.run('bank', 'proposal.vote', { proposal: chain.propose(parameter()).transactionId, approve: true })],
    ['a vote by a validator that was removed', 'NotPermitted', () => {
      chain.run('bank', 'evidence.flood', { messages: floodOf(3, FLOOD) });
      for (let i = 0; i < 4; i++) chain.pass(1_000);
      return chain.vote(chain.propose(parameter()).transactionId, [3])[0]!;
    }],
    ['a vote on nothing', 'UnknownProposal', () => chain.vote(unknown, [0])[0]!],
    ['the same vote twice', 'AlreadyVoted', () => chain.vote(chain.propose(parameter()).transactionId, [0, 0])[1]!],
    ['a late vote', 'TooLate', () => {
      const { transactionId: id } = chain.propose(parameter());
      chain.pass(7 * DAY);
      return chain.vote(id, [0])[0]!;
    }],
    ['an empty change', 'InvalidProposal', () => chain.propose(parameter({} as never))],
    ['unbonding before an appeal could end', 'LocksOutReversal', () => chain.propose(parameter({ unbondingMs: DAY } as never))],
    ['a deposit that no quorum could pay to undo it', 'LocksOutReversal', () => {
      for (const { publicKey } of VALIDATOR_KEYS.slice(0, 2)) chain.asValidator(VALIDATOR_KEYS.findIndex((key) => key.publicKey === publicKey), 'stake.bond', { account: publicKey, name: 'validator', amount: 990 * BPI });
      return chain.propose(parameter({ proposalDeposit: 500 * BPI } as never));
    }],
    ['an upgrade so far ahead that none could follow', 'LocksOutReversal', () => chain.propose({ kind: 'ProtocolUpgrade', version: 2, height: 1e12 })],
    ['a measure about no node', 'InvalidProposal', () => chain.propose({ kind: 'Emergency', action: 'CordonNode', node: '' })],
    ['a measure about an unknown node', 'UnknownNode', () => chain.propose({ kind: 'Emergency', action: 'CordonNode', node: 'nowhere' })],
    ['confirming nothing', 'UnknownProposal', () => chain.propose({ kind: 'EmergencyConfirmation', emergency: unknown, keep: true })],
    ['removing a policy that is not there', 'UnknownPolicy', () => chain.propose({ kind: 'PolicyChange', changes: [{ do: 'removePolicy', name: 'none' }] })],
    ['a deposit that is not there', 'InsufficientFunds', () => {
      chain.run('visitor', 'mesh.open', { amount: 995 * BPI });
      return chain.propose(parameter(), 'visitor');
    }],
    ['too many at once', 'LimitReached', () => Array.from({ length: 9 }, () => chain.propose(parameter())).at(-1)!],
  ])('%s: %s', (_what, code, act) => expect(act().code).toBe(code));

  it.each<[what: string, content: unknown]>([
    ['a parameter out of bounds', { kind: 'EconomicParameter', changes: { votingMs: 1 }, height: 1 }],
    ['an unknown parameter', { kind: 'EconomicParameter', changes: { free: 1 }, height: 1 }],
    ['a negative amount', { kind: 'EconomicParameter', changes: { receiptFee: -1 }, height: 1 }],
    ['an overflow', { kind: 'EconomicParameter', changes: { receiptFee: Number.MAX_SAFE_INTEGER }, height: 1 }],
    ['an unknown kind', { kind: 'Coup' }],
    ['removal without evidence', { kind: 'NodeRemoval', subject: 'node/eu-1', evidence: [] }],
    ['version 1 again', { kind: 'ProtocolUpgrade', version: 1, height: 1 }],
  ])('as malformed, before it costs anybody anything: %s', (_what, content) => {
    const raw = chain.sign('bank', 'proposal.submit', { title: 't', reason: '', content: content as ProposalContent });
    expect(() => chain.commit([raw])).toThrow(expect.objectContaining({ code: 'Malformed' }) as Error);
  });

  it('keyOf names who proposes', () => expect(chain.proposal(chain.propose(parameter()).transactionId).proposer).toBe(keyOf('bank').publicKey));
});

// Evidence of contradictions: what is taken, what it costs whom, and every kind of report that is refused.
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../crypto/hash.js';
import type { RoundChangePayload } from '../../consensus/types.js';
import type { SlashRecord } from '../../economyTypes.js';
import type { EvidencePayloads, EvidenceRecord } from '../../evidenceTypes.js';
import { stateKeys, type AccountRecord } from '../../types.js';
import { checkSupply } from '../accounts/supply.js';
import { signedBy, doubleVote } from '../testing/testEvidence.js';
import { TestChain } from '../testing/testChain.js';
import { BPI, keyOf, testGenesis, validators } from '../testing/testGenesis.js';
import { EVIDENCE_WINDOW, evidenceKey } from './evidenceOperations.js';
import { forgetEvidence } from './evidenceOperations.js';

type Report = EvidencePayloads['evidence.report'];
const keyAt = (i: number) => validators.set.validators[i]!.ed25519PublicKey;
const STAKE = 600 * BPI;

function chainWithStakes(): TestChain {
  const accounts = [...testGenesis().accounts, ...[0, 1, 2, 3].map((i) => ({ publicKey: keyAt(i), name: `validator-${i}`, roles: ['validator' as const], balance: 0, stake: STAKE }))];
  return new TestChain(testGenesis({ accounts }));
}
const run = (chain: TestChain, report: Report) => chain.run('visitor', 'evidence.report', report);
const stakeOf = (chain: TestChain, i: number) => chain.record<AccountRecord>(stateKeys.account(keyAt(i)))!.stake;
const roundChange = (preparedRound: number | null, round = 2): RoundChangePayload => ({
  type: 'roundChange',
  height: 1,
  round,
  preparedRound,
  preparedDigest: preparedRound === null ? null : sha256Hex('block'),
});

describe('evidence', () => {
  it.each([
    ['two proposals', doubleVote(2, 'proposal')],
    ['two prepares', doubleVote(2, 'prepare', 1, 4)],
    ['two commits', { first: signedBy(2, { type: 'commit', height: 1, round: 0, digest: sha256Hex('one'), seal: '00'.repeat(96) }), second: signedBy(2, { type: 'commit', height: 1, round: 0, digest: sha256Hex('two'), seal: '00'.repeat(96) }) }],
    ['two claims of what was prepared', { first: signedBy(2, roundChange(null)), second: signedBy(2, roundChange(1)) }],
  ] as [string, Report][])('of %s is recorded and costs 5 %% of the stake, in escrow for the appeal', (_, report) => {
    const chain = chainWithStakes();
    const kind = report.first.payload.type;
    const result = run(chain, report);
    expect(result).toMatchObject({ outcome: 'applied', code: 'EvidenceRecorded', object: { kind: 'Validator', name: 'validator-2' } });
    const record = chain.record<EvidenceRecord>(evidenceKey(keyAt(2), 1, kind))!;
    expect(record).toMatchObject({ validator: keyAt(2), kind, transactionId: result.transactionId, reporter: keyOf('visitor').publicKey });
    expect(chain.record<SlashRecord>(`slash/${record.slash}`)).toMatchObject({ account: keyAt(2), offence: 'consensusFailure', percent: 5, amount: STAKE / 20, state: 'Held' });
    expect([stakeOf(chain, 2), stakeOf(chain, 1)]).toEqual([STAKE - STAKE / 20, STAKE]);
    expect(checkSupply(chain.state)).toMatchObject({ ok: true });
  });

  it('is the same in either order, once for each validator, height and type', () => {
    const chain = chainWithStakes();
    const { first, second } = doubleVote(1, 'prepare');
    const codes = [{ first, second }, { first: second, second: first }, doubleVote(1, 'prepare', 1, 3), doubleVote(1, 'proposal'), doubleVote(3, 'prepare')].map((report) => run(chain, report).code);
    expect(codes).toEqual(['EvidenceRecorded', 'Exists', 'Exists', 'EvidenceRecorded', 'EvidenceRecorded']);
  });

  it('punishes a validator once for what it does within the window, however often it is proved', () => {
    const chain = chainWithStakes();
    run(chain, doubleVote(1, 'prepare'));
    expect(run(chain, doubleVote(1, 'prepare', 2))).toMatchObject({ code: 'EvidenceRecorded', details: { slash: null } });
    expect(stakeOf(chain, 1)).toBe(STAKE - STAKE / 20);
  });

  it('against a validator without an account is recorded, and takes nothing', () => {
    const chain = new TestChain();
    expect(run(chain, doubleVote(0, 'prepare'))).toMatchObject({ code: 'EvidenceRecorded', details: { slash: null } });
  });

  it('is judged by the set of its height: who is no member any more is still punished for what it signed as one', () => {
    const chain = chainWithStakes();
    chain.commit([]);
    expect(run(chain, doubleVote(3, 'prepare', 1)).outcome).toBe('applied');
  });

  it('is forgotten when it could not be repeated any more', () => {
    const chain = chainWithStakes();
    run(chain, doubleVote(1, 'prepare'));
    const due = [...chain.state.list('due/h/')].map(([key]) => key);
    expect(due).toEqual([`due/h/${String(EVIDENCE_WINDOW + 2).padStart(16, '0')}/evidence/${keyAt(1)}.1.prepare`]);
    const execution = chain.execute([]);
    forgetEvidence(execution.state, undefined as never, `${keyAt(1)}.1.prepare`);
    expect(execution.state.get(evidenceKey(keyAt(1), 1, 'prepare'))).toBeUndefined();
  });

  const honest = doubleVote(2, 'prepare');
  it.each([
    ['the same message twice', { first: honest.first, second: honest.first }, 'NotConflicting'],
    ['messages of two rounds', { first: honest.first, second: doubleVote(2, 'prepare', 1, 1).second }, 'NotConflicting'],
    ['messages of two heights', { first: honest.first, second: doubleVote(2, 'prepare', 2).second }, 'NotConflicting'],
    ['messages of two types', { first: honest.first, second: doubleVote(2, 'proposal').second }, 'NotConflicting'],
    ['messages of two validators', { first: honest.first, second: doubleVote(1, 'prepare').second }, 'NotConflicting'],
    ['equal claims', { first: signedBy(2, roundChange(1)), second: signedBy(2, roundChange(1)) }, 'NotConflicting'],
    ['a forged first message', { first: signedBy(2, honest.first.payload, { key: validators.ed25519Keys[1]! }), second: honest.second }, 'BadEvidenceSignature'],
    ['a forged second message', { first: honest.first, second: { ...honest.second, signature: honest.first.signature } }, 'BadEvidenceSignature'],
    ['messages of another chain', doubleVote(2, 'prepare', 1, 0, 'enc-other'), 'BadEvidenceSignature'],
    ['somebody who is no member', { first: { ...honest.first, from: 4 }, second: { ...honest.second, from: 4 } }, 'UnknownValidator'],
    ['messages of a height to come', doubleVote(2, 'prepare', 3), 'StaleEvidence'],
  ] as [string, Report, string][])('of %s is refused, and nothing changes', (_, report, code) => {
    const chain = chainWithStakes();
    chain.commit([]);
    expect(run(chain, report)).toMatchObject({ outcome: 'refused', code });
    expect([...chain.state.list('evidence/')]).toEqual([]);
    expect(stakeOf(chain, 2)).toBe(STAKE);
  });

  it('that is too old is refused', () => {
    const chain = chainWithStakes();
    chain.header = { ...chain.header, height: EVIDENCE_WINDOW + 1 };
    expect(run(chain, doubleVote(2, 'prepare', 1))).toMatchObject({ outcome: 'refused', code: 'StaleEvidence' });
  });
});

// Proposals and Disputes between Kubernetes and the ledger: carried once, in order, by an operator that signs nothing; their status is the chain's.
import { beforeEach, describe, expect, it } from 'vitest';
import type { Dispute, Proposal } from '../../api/index.js';
import { sample } from '../../api/testing/samples.js';
import { caseIdOf, caseOf } from '../../chain/client/disputeObject.js';
import { signInstruction } from '../../chain/client/instructions.js';
import { contentOf, proposalIdOf } from '../../chain/client/proposalObject.js';
import type { CaseRecord } from '../../chain/courtTypes.js';
import type { ProposalRecord } from '../../chain/governanceTypes.js';
import { DAY, GovernedChain, VALIDATOR_KEYS } from '../../chain/ledger/testing/governedChain.js';
import { keyOf } from '../../chain/ledger/testing/testGenesis.js';
import type { ReceiptPredicate } from '../../receipts/types.js';
import { ChainWriter } from '../ledger/chainWriter.js';
import type { Refused } from '../ledger/refusalMemory.js';
import { carryOut } from '../reconcile/carryOut.js';
import type { ResourceKind } from '../reconcile/resourceReconciler.js';
import { RESOURCES } from '../runtime/kubeObject.js';
import { createMetrics } from '../runtime/metrics.js';
import { MemoryChain } from '../testing/memoryChain.js';
import { disputeParts } from './disputeParts.js';
import { instructedKind, type Instructed, type SeenInstructed } from './instructedKind.js';
import { LatestReceipts } from './latestReceipts.js';
import { proposalParts } from './proposalParts.js';

let ledger: GovernedChain;
let client: MemoryChain;
const latest = new LatestReceipts();
beforeEach(() => {
  ledger = new GovernedChain();
  client = new MemoryChain(ledger);
});

/** One pass; what was sent, and the status after it. */
async function pass<R extends Instructed, T>(kind: ResourceKind<R, SeenInstructed<R, T>>, object: R, refused?: Refused) {
  const gather = () => kind.gather(object, () => refused);
  const plan = kind.plan(await gather());
  const hands = { api: undefined as never, chain: new ChainWriter(client, createMetrics()) };
  const outcome = await carryOut(hands, RESOURCES[object.kind], object, plan.steps, async () => undefined);
  const seen = await gather();
  const { conditions, ...status } = kind.status(seen, object.status ?? {});
  return { sent: outcome.results.map(({ code }) => code), why: plan.why, status, conditions: conditions.map(({ type, status: value, reason }) => `${type}=${value}/${reason}`), seen };
}

describe('a Proposal', () => {
  const kind = () => instructedKind<Proposal, ProposalRecord>(proposalParts, { client, latest });
  function proposal(votes: [index: number, approve: boolean, serial: number][] = []): Proposal {
    const object = sample('Proposal');
    const { chainId } = ledger.genesis;
    const { title, reason } = object.spec;
    const { signer: proposer, serial, signature } = signInstruction(chainId, { type: 'proposal.submit', payload: { title, reason, content: contentOf(object.spec) }, serial: 1 }, keyOf('bank'));
    Object.assign(object.spec, { proposer, serial, signature, votes: [] });
    const id = proposalIdOf(chainId, object.spec)!;
    object.spec.votes = votes.map(([index, approve, of]) => {
      const signed = signInstruction(chainId, { type: 'proposal.vote', payload: { proposal: id, approve }, serial: of }, VALIDATOR_KEYS[index]!);
      return { validator: signed.signer, approve, serial: of, signature: signed.signature };
    });
    return object;
  }

  it('is a draft until somebody signs it', async () => {
    const draft = sample('Proposal');
    draft.spec = { title: 'x', reason: '', content: { termination: { cause: 'voluntary' } }, votes: [] };
    expect(await pass(kind(), draft)).toMatchObject({ sent: [], status: { state: 'Draft' }, conditions: ['Accepted=False/MissingSignature', 'Ready=False/NotOnTheChain'] });
  });

  it('goes to the chain with its votes, once, and shows the count, the timelock and the effect', async () => {
    const object = proposal([[0, true, 1], [1, false, 1]]); // prettier-ignore
    const first = await pass(kind(), object);
    expect(first).toMatchObject({
      sent: ['Proposed', 'Voted', 'Voted'],
      status: { state: 'Voting', kind: 'EconomicParameter', approve: 1, reject: 1, proposalId: proposalIdOf(ledger.genesis.chainId, object.spec) },
      conditions: ['Accepted=True/Finalised', 'Ready=False/Voting'],
    });
    expect(await pass(kind(), object)).toMatchObject({ sent: [] });
    const changed = proposal([[0, true, 1], [1, true, 2], [2, true, 1]]); // prettier-ignore
    expect(await pass(kind(), changed)).toMatchObject({ sent: ['Voted', 'Voted'], status: { approve: 3, reject: 0 } });
    ledger.pass(7 * DAY);
    const passed = await pass(kind(), changed);
    expect(passed).toMatchObject({ sent: [], status: { state: 'Passed', needed: 3 }, conditions: ['Accepted=True/Finalised', 'Ready=False/Passed'] });
    expect(Date.parse(passed.status.executesAt!) - Date.parse(passed.status.closesAt!)).toBeGreaterThanOrEqual(3 * DAY);
    ledger.pass(3 * DAY);
    expect(await pass(kind(), changed)).toMatchObject({ status: { state: 'Executed', outcome: expect.stringContaining('receiptFee 2') as string }, conditions: ['Accepted=True/Finalised', 'Ready=True/Executed'] });
  });

  it('a vote that the ledger refuses keeps none of the others back', async () => {
    const object = proposal([[0, true, 1], [1, true, 1]]); // prettier-ignore
    object.spec.votes[0]!.signature = 'f'.repeat(128);
    expect(await pass(kind(), object)).toMatchObject({ sent: ['Proposed', 'BadInstruction', 'Voted'], status: { approve: 1 } });
  });

  it('one that the ledger refuses is shown as refused, and its votes are not sent', async () => {
    const object = proposal([[0, true, 1]]);
    object.spec.signature = 'f'.repeat(128);
    expect(await pass(kind(), object)).toMatchObject({ sent: ['BadInstruction'], status: { state: 'Pending' } });
    const refused = { generation: 1, policyHeight: 0, code: 'BadInstruction', reason: 'not by the proposer' };
    expect(await pass(kind(), object, refused)).toMatchObject({ sent: [], status: { state: 'Refused' }, conditions: ['Accepted=False/BadInstruction', 'Ready=False/NotOnTheChain'] });
  });
});

describe('a Dispute', () => {
  const kind = () => instructedKind<Dispute, CaseRecord>(disputeParts, { client, latest });

  it('goes to the court, takes filings and an appeal in the order they were signed, and shows what was decided', async () => {
    const { chainId } = ledger.genesis;
    const object = sample('Dispute');
    Object.assign(object.spec, { respondent: keyOf('processor').publicKey, filings: [], appeals: [] });
    const { signer: claimant, serial, signature } = signInstruction(chainId, { type: 'case.open', payload: caseOf(object.spec), serial: 1 }, keyOf('bank'));
    Object.assign(object.spec, { claimant, serial, signature });
    const caseId = caseIdOf(chainId, object.spec)!;
    expect(await pass(kind(), object)).toMatchObject({ sent: ['Opened'], status: { state: 'Evidence', caseId, tier: 1, evidence: [expect.stringContaining('testimony')] } });

    const evidence = { type: 'record' as const, key: 'supply' };
    const filed = signInstruction(chainId, { type: 'case.evidence', payload: { caseId, evidence }, serial: 2 }, keyOf('processor'));
    object.spec.filings = [{ account: filed.signer, evidence, serial: 2, signature: filed.signature }];
    expect(await pass(kind(), object)).toMatchObject({ sent: ['Filed'] });

    ledger.registerArbitrators();
    ledger.draw(caseId);
    expect((await pass(kind(), object)).status.ballots?.map(({ state }) => state)).toEqual(['Awaited', 'Awaited', 'Awaited']);
    ledger.judge(caseId, [1_000_000, 2_000_000, null]);
    expect(await pass(kind(), object)).toMatchObject({ sent: [], status: { state: 'Decided', decision: 'Upheld', award: '1 BPI', held: '1 BPI', panel: { length: 3 }, ballots: [{ state: 'Upholds', award: '1 BPI' }, { state: 'Upholds', award: '2 BPI' }, { state: 'Dismisses' }] }, conditions: ['Accepted=True/Finalised', 'Ready=False/Decided'] });

    const appeal = signInstruction(chainId, { type: 'case.appeal', payload: { caseId, grounds: 'it erred' }, serial: 3 }, keyOf('processor'));
    object.spec.appeals = [{ account: appeal.signer, grounds: 'it erred', serial: 3, signature: appeal.signature }];
    expect(await pass(kind(), object)).toMatchObject({ sent: ['Appealed'], status: { state: 'Evidence', tier: 2 } });
  });
});

it('the newest receipt about a proposal or case is kept by its id, and no other', () => {
  const predicate = (kind: string, name: string, outcome: string, blockHeight: number) => ({ object: { kind, name }, receiptId: `r${blockHeight}`, blockHeight, outcome }) as ReceiptPredicate;
  expect(latest.note(predicate('Proposal', 'p', 'applied', 1))).toBe('p');
  expect(latest.note(predicate('Proposal', 'p', 'refused', 2))).toBeUndefined();
  expect(latest.note(predicate('Workload', 'w', 'applied', 3))).toBeUndefined();
  expect([latest.of('p'), latest.of('w')]).toEqual([{ id: 'r1', height: 1 }, undefined]);
});

// Cases are opened with a deposit, heard by a drawn panel that commits to its ballots before it shows them, and appealed up to three times (agreement 9).
import { formatAmount } from '../../../api/amounts.js';
import type { AgreementRecord } from '../../types.js';
import { stateKeys } from '../../types.js';
import { ballotCommitment } from '../../courtBallot.js';
import type { CaseRecord, PanelMember, Remedy } from '../../courtTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { mustBeAnnullable } from '../governance/annulment.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { accountBehind } from '../rewards/participants.js';
import { appealSlash, slashOf } from '../slashing/slash.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { arbitratorOperations } from './arbitrators.js';
import { caseObject, caseOf, countBallots, enter, LAST_TIER, newCase, startReveal, writeCase } from './caseLife.js';
import { proposalIdOf, slashIdOf } from './enforcement.js';
import { fileEvidence } from './evidence.js';
import { NETWORK } from './liabilityCap.js';
import { isWithoutPanel, decideAtOnce } from './automatic.js';

type Open = Operation<'case.open'>;

/** What the subject of a case begins with, and whom it is against: an account, or the network itself (10.2: consensus_network). */
const ASKS: Readonly<Record<Remedy, { about: string; against: 'account' | 'network' | 'either' }>> = {
  Compensation: { about: '', against: 'either' },
  ReverseSlash: { about: 'slash/', against: 'network' },
  RemoveNode: { about: '', against: 'account' },
  TerminateAgreement: { about: 'agreement/', against: 'account' },
  AnnulProposal: { about: 'proposal/', against: 'network' },
};

function open({ id, payload, body: { sender }, state, block }: Open): Effect {
  const { category, respondent, remedy, subject, amount, claim } = payload;
  mustFit(state, block, payload, sender);
  const deposit = block.parameters.caseDeposit;
  move(state, { balance: sender }, 'escrow', deposit);
  if (remedy === 'ReverseSlash') appealSlash(state, block, slashIdOf({ subject }), { caseId: id, appellant: sender });
  const claimed = remedy === 'ReverseSlash' ? slashOf(state, slashIdOf({ subject })).amount : amount;
  const opened = newCase(block, { id, category, claimant: sender, respondent, remedy, subject, amount: claimed, claim, tier: 1, deposits: [{ account: sender, amount: deposit }] });
  const filed = payload.evidence.reduce((record, evidence) => ({ ...record, evidence: fileEvidence(state, block, record, evidence, sender) }), opened);
  if (isWithoutPanel(state, block, filed)) {
    const decided = decideAtOnce(state, block, filed, payload.evidence);
    const { decision, award, reason } = decided.decisions.at(-1)!;
    return applied(decision, `case ${id} is decided by the ledger: ${reason}; it can be appealed until ${timeOf(decided.deadline)}`, { caseId: id, award });
  }
  const entered = enter(state, filed, 'Evidence', block.timestamp + block.parameters.evidenceMs);
  return applied('Opened', `case ${id} takes evidence until ${timeOf(entered.deadline)}; ${formatAmount(deposit)} are deposited`, { caseId: id, deadline: entered.deadline });
}

/** What each remedy asks of a case. */
function mustFit(state: Overlay, block: BlockContext, opening: Open['payload'], claimant: string): void {
  const { remedy, respondent, subject, amount } = opening;
  if (respondent === claimant) throw new Refusal('InvalidCase', 'respondent is the claimant; nobody has a dispute with itself');
  if (respondent !== NETWORK) accountOf(state, respondent);
  const { about, against } = ASKS[remedy];
  if (!subject.startsWith(about)) throw new Refusal('InvalidCase', `subject "${subject}": ${remedy} is about ${about}<id>`);
  if (against !== 'either' && (against === 'network') !== (respondent === NETWORK))
    throw new Refusal('InvalidCase', `respondent "${respondent}": ${remedy} is against ${against === 'network' ? 'the network, which has no account here' : 'an account'}`);
  if ((remedy === 'Compensation') !== amount > 0) throw new Refusal('InvalidCase', `amount ${amount}: Compensation claims µBPI, nothing else does`);
  mustBeAbout[remedy](state, block, opening);
}

/** Else it would be judged, and taken, in the absence of its owner. */
function mustBeItsOwn(state: Overlay, block: BlockContext, { subject, respondent }: Open['payload']): void {
  if (accountBehind(state, block, subject) !== respondent) throw new Refusal('InvalidCase', `subject "${subject}": is not of account ${respondent}, the respondent`);
}

const IS_NODE = /^(node|validator)\//;
type SubjectRule = (state: Overlay, block: BlockContext, opening: Open['payload']) => void;
const mustBeAbout: Readonly<Record<Remedy, SubjectRule>> = {
  Compensation: (state, block, opening) => {
    if (IS_NODE.test(opening.subject)) mustBeItsOwn(state, block, opening);
  },
  RemoveNode: (state, block, opening) => {
    if (!IS_NODE.test(opening.subject)) throw new Refusal('InvalidCase', `subject "${opening.subject}": RemoveNode is about node/<name> or validator/<key>`);
    mustBeItsOwn(state, block, opening);
  },
  TerminateAgreement: (state, _block, { subject }) => {
    if (state.read<AgreementRecord>(stateKeys.agreement(subject.slice('agreement/'.length)))?.state !== 'InForce')
      throw new Refusal('AgreementEnded', `subject "${subject}": no such agreement is in force`);
  },
  ReverseSlash: (state, _block, { subject }) => void slashOf(state, slashIdOf({ subject })),
  AnnulProposal: (state, block, { subject, category }) => {
    if (category !== 'Governance') throw new Refusal('InvalidCase', `category ${category}: a vote is disputed in category Governance`);
    mustBeAnnullable(state, block, proposalIdOf({ subject }));
  },
};

function evidence({ payload: { caseId, evidence: given }, body: { sender }, state, block }: Operation<'case.evidence'>): Effect {
  const record = mustBe(caseOf(state, caseId), 'Evidence', block);
  const filed = fileEvidence(state, block, record, given, sender);
  writeCase(state, { ...record, evidence: filed });
  return applied('Filed', `case ${caseId} has ${filed.length} pieces of evidence: ${filed.at(-1)!.shows}`, { hash: filed.at(-1)!.hash });
}

function commit({ payload: { caseId, commitment }, body: { sender }, state, block }: Operation<'case.commit'>): Effect {
  const record = mustBe(caseOf(state, caseId), 'Commit', block);
  const member = memberOf(state, record, sender);
  if (member.commitment !== null) throw new Refusal('AlreadyVoted', `this arbitrator has committed to its ballot in case ${caseId}; a ballot cannot be changed`);
  const after = withMember(record, { ...member, commitment });
  writeCase(state, after);
  if (after.panel.every((one) => one.commitment !== null)) startReveal(state, block, after);
  return applied('Committed', `arbitrator ${accountOf(state, sender).name} has committed to its ballot in case ${caseId}`);
}

function reveal({ payload: { caseId, ballot }, body: { sender }, state, block }: Operation<'case.reveal'>): Effect {
  const record = mustBe(caseOf(state, caseId), 'Reveal', block);
  const member = memberOf(state, record, sender);
  if (member.ballot !== null) throw new Refusal('AlreadyVoted', `this arbitrator has revealed its ballot in case ${caseId}`);
  if (member.commitment !== ballotCommitment(caseId, record.tier, sender, ballot))
    throw new Refusal('BallotMismatch', `ballot is not the one that this arbitrator committed to in case ${caseId}; reveal award, verdict and salt as they were`);
  const after = withMember(record, { ...member, ballot });
  writeCase(state, after);
  const name = accountOf(state, sender).name;
  if (after.panel.some((one) => one.commitment !== null && one.ballot === null)) return applied('Revealed', `arbitrator ${name} ${ballot.upheld ? 'upholds' : 'dismisses'} case ${caseId}`);
  const decided = countBallots(state, block, after);
  const last = decided.decisions.at(-1);
  return applied(decided.state === 'Drawing' ? 'Redrawn' : last!.decision, `arbitrator ${name} gave the last ballot in case ${caseId}${last ? `: ${last.reason}` : ''}`, {
    ...(last ? { decision: last } : {}),
  });
}

function appeal({ payload: { caseId, grounds }, body: { sender }, state, block }: Operation<'case.appeal'>): Effect {
  const record = mustBe(caseOf(state, caseId), 'Decided', block);
  const { decision, tier } = record.decisions.at(-1)!;
  if (tier >= LAST_TIER) throw new Refusal('TooLate', `case ${caseId} was decided in the last tier`);
  const loser = decision === 'Upheld' ? record.respondent : record.claimant;
  // For the network any of its validators does, but the one that it is about.
  const forNetwork = loser === NETWORK && sender !== record.claimant && validatorsInForce(state, block).some(({ ed25519PublicKey }) => ed25519PublicKey === sender);
  if (sender !== loser && !forNetwork)
    throw new Refusal('NotPermitted', `case ${caseId} was ${decision}; only ${loser === NETWORK ? 'a validator in force, for the network' : `account ${loser}`}, against whom it went, can appeal`);
  const deposit = block.parameters.caseDeposit * 2 ** (tier + 1);
  move(state, { balance: sender }, 'escrow', deposit);
  const raised: CaseRecord = { ...record, tier: tier + 1, draws: 0, deposits: [{ account: sender, amount: deposit }] };
  const entered = enter(state, raised, 'Evidence', block.timestamp + block.parameters.evidenceMs);
  return applied('Appealed', `case ${caseId} goes to tier ${entered.tier} (${grounds}); ${formatAmount(deposit)} are deposited`, { tier: entered.tier });
}

function mustBe(record: CaseRecord, state: CaseRecord['state'], { timestamp }: BlockContext): CaseRecord {
  if (record.state !== state || timestamp >= record.deadline)
    throw new Refusal('TooLate', `case ${record.id} is in state ${record.state} until ${timeOf(record.deadline)}; this belongs to state ${state}`);
  return record;
}

/** Throws Refusal 'NotPermitted'. */
function memberOf(state: Overlay, { id, panel }: CaseRecord, account: string): PanelMember {
  const member = panel.find((one) => one.account === account);
  if (!member) throw new Refusal('NotPermitted', `account ${accountOf(state, account).name} does not sit on the panel of case ${id}`);
  return member;
}

function withMember(record: CaseRecord, member: PanelMember): CaseRecord {
  return { ...record, panel: record.panel.map((one) => (one.account === member.account ? member : one)) };
}

const timeOf = (ms: number) => new Date(ms).toISOString();
const byCase = ({ caseId }: { caseId: string }) => ({ namespace: '', uid: '', ...caseObject({ id: caseId }) });

export const courtOperations: OperationTable<
  'case.open' | 'case.evidence' | 'case.commit' | 'case.reveal' | 'case.appeal' | 'arbitrator.register' | 'arbitrator.resign'
> = {
  ...arbitratorOperations,
  'case.open': { roles: 'anybody', object: ({ category }) => ({ kind: 'Dispute', namespace: '', name: category, uid: '' }), execute: open },
  'case.evidence': { roles: 'anybody', object: byCase, execute: evidence },
  'case.commit': { roles: 'anybody', object: byCase, execute: commit },
  'case.reveal': { roles: 'anybody', object: byCase, execute: reveal },
  'case.appeal': { roles: 'anybody', object: byCase, execute: appeal },
};

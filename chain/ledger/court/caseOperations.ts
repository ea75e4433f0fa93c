// Cases are opened with a deposit, heard by a drawn panel that commits to its ballots before it shows them, and appealed up to three times (agreement 9).
import { formatAmount } from '../../../api/amounts.js';
import type { AgreementRecord } from '../../types.js';
import { stateKeys } from '../../types.js';
import { ballotCommitment } from '../../courtBallot.js';
import type { CaseRecord, PanelMember } from '../../courtTypes.js';
import { accountOf, move } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { applied, type BlockContext, type Effect, type Operation, type OperationTable } from '../operation.js';
import { appealSlash, slashOf } from '../slashing/slash.js';
import type { Overlay } from '../state.js';
import { arbitratorOperations } from './arbitrators.js';
import { caseObject, caseOf, countBallots, enter, LAST_TIER, newCase, startReveal, writeCase } from './caseLife.js';
import { fileEvidence } from './evidence.js';
import { isWithoutPanel, decideAtOnce } from './automatic.js';

type Open = Operation<'case.open'>;

function open({ id, payload, body: { sender }, state, block }: Open): Effect {
  const { category, respondent, remedy, subject, amount, claim } = payload;
  mustFit(state, payload, sender);
  const deposit = block.parameters.caseDeposit;
  move(state, { balance: sender }, 'escrow', deposit);
  if (remedy === 'ReverseSlash') appealSlash(state, block, subject.slice('slash/'.length), { caseId: id, appellant: sender });
  const claimed = remedy === 'ReverseSlash' ? slashOf(state, subject.slice('slash/'.length)).amount : amount;
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
function mustFit(state: Overlay, { remedy, respondent, subject, amount }: Open['payload'], claimant: string): void {
  if (respondent === claimant) throw new Refusal('InvalidCase', 'respondent is the claimant; nobody has a dispute with itself');
  if (respondent !== '') accountOf(state, respondent);
  const needs = { Compensation: '', ReverseSlash: 'slash/', RemoveNode: '', TerminateAgreement: 'agreement/' }[remedy];
  if (!subject.startsWith(needs)) throw new Refusal('InvalidCase', `subject "${subject}": ${remedy} is about ${needs}<id>`);
  if ((remedy === 'ReverseSlash') !== (respondent === '')) throw new Refusal('InvalidCase', `respondent "${respondent}": only ReverseSlash has none, for there it is the ledger that took`);
  if ((remedy === 'Compensation') !== amount > 0) throw new Refusal('InvalidCase', `amount ${amount}: Compensation claims µBPI, nothing else does`);
  if (remedy === 'RemoveNode' && !/^(node|validator)\//.test(subject)) throw new Refusal('InvalidCase', `subject "${subject}": RemoveNode is about node/<name> or validator/<key>`);
  if (remedy === 'TerminateAgreement' && state.read<AgreementRecord>(stateKeys.agreement(subject.slice('agreement/'.length)))?.state !== 'InForce')
    throw new Refusal('AgreementEnded', `subject "${subject}": no such agreement is in force`);
  if (remedy === 'ReverseSlash') slashOf(state, subject.slice('slash/'.length));
}

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
  if (sender !== loser) throw new Refusal('NotPermitted', `case ${caseId} was ${decision}; only ${loser === '' ? 'nobody' : `account ${loser}`}, against whom it went, can appeal`);
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

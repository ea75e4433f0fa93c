// What a decision does to the parties: held while an appeal is possible, carried out for good when none is, and taken back when a higher tier overturns it (agreement 9.2, 10.1).
import type { AgreementSpec } from '../../../api/index.js';
import type { CaseRecord } from '../../courtTypes.js';
import { stateKeys, type AgreementRecord } from '../../types.js';
import { accountOf, move, type Purse } from '../accounts/money.js';
import { Refusal } from '../ledgerError.js';
import { annulProposal, letProposalGoOn, stayProposal } from '../governance/annulment.js';
import { isRemoved, recordRemoval, takeBackRemoval } from '../governance/removals.js';
import type { BlockContext } from '../operation.js';
import { currentMembers, putMember, specAt } from '../policySet/policySet.js';
import { finaliseSlash, reverseSlash, slashOf } from '../slashing/slash.js';
import type { Overlay } from '../state.js';
import { enactChange } from '../validators/validatorOperations.js';
import { NETWORK } from './liabilityCap.js';

const VALIDATOR = 'validator/';

/** At the decision: sets aside what was awarded, and removes a node at once. Returns the case with what is held. */
export function enforceForNow(state: Overlay, block: BlockContext, record: CaseRecord): CaseRecord {
  const upheld = isUpheld(record);
  if (record.remedy === 'RemoveNode') {
    if (upheld && !isRemoved(state, record.subject)) removeNow(state, block, record);
    if (!upheld) takeBack(state, record);
  }
  if (record.remedy === 'AnnulProposal') (upheld ? stayProposal : letProposalGoOn)(state, block, proposalIdOf(record), record.id);
  return record.remedy === 'Compensation' ? holdAward(state, record, upheld ? record.decisions.at(-1)!.award : 0) : record;
}

/** A validator leaves the set where those who stay can go on without it; it comes back by a vote alone. */
function removeNow(state: Overlay, block: BlockContext, record: CaseRecord): void {
  recordRemoval(state, block, record.subject, `case ${record.id}`);
  if (!record.subject.startsWith(VALIDATOR)) return;
  const fork = state.fork();
  try {
    enactChange(fork, block, record.id, { add: [], remove: [record.subject.slice(VALIDATOR.length)] });
    state.adopt(fork);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
}

/** From the respondent's balance, then from its stake; the network's from the insurance fund. Never more than it has. What an earlier tier held too much goes back. */
function holdAward(state: Overlay, record: CaseRecord, award: number): CaseRecord {
  const { respondent, held } = record;
  const purse: Purse = respondent === NETWORK ? { pool: 'insurance' } : { balance: respondent };
  if (award <= held) {
    move(state, 'escrow', purse, held - award);
    return { ...record, held: award };
  }
  if (respondent === NETWORK) {
    // Within its cap, which is what the fund has.
    move(state, purse, 'escrow', award - held);
    return { ...record, held: award };
  }
  const { balance, stake } = accountOf(state, respondent);
  const fromBalance = Math.min(balance, award - held);
  const fromStake = Math.min(stake, award - held - fromBalance);
  move(state, purse, 'escrow', fromBalance);
  move(state, { stake: respondent }, 'escrow', fromStake);
  return { ...record, held: held + fromBalance + fromStake };
}

/** When no appeal is possible any more. */
export function enforceForGood(state: Overlay, block: BlockContext, record: CaseRecord): CaseRecord {
  const upheld = isUpheld(record);
  switch (record.remedy) {
    case 'Compensation':
      move(state, 'escrow', record.claimant === '' ? { pool: 'insurance' } : { balance: record.claimant }, record.held);
      break;
    case 'ReverseSlash': {
      const { id, state: stands } = slashOf(state, slashIdOf(record));
      if (stands === 'Appealed') (upheld ? () => reverseSlash(state, id) : () => finaliseSlash(state, block, id))();
      break;
    }
    case 'TerminateAgreement':
      if (upheld) breachAgreement(state, block, record.subject.slice('agreement/'.length));
      break;
    case 'AnnulProposal':
      if (upheld) annulProposal(state, block, proposalIdOf(record), record.id);
      break;
    case 'RemoveNode':
      break;
  }
  return { ...record, held: 0 };
}

/** Only what this case did. */
function takeBack(state: Overlay, record: CaseRecord): void {
  if (record.decisions.some(({ decision }) => decision === 'Upheld')) takeBackRemoval(state, record.subject);
}

/** Agreement 8.2, 11.1: an agreement that was broken is no ground for data to flow any more. */
function breachAgreement(state: Overlay, block: BlockContext, hash: string): void {
  const key = stateKeys.agreement(hash);
  const known = state.read<AgreementRecord>(key);
  if (known?.state !== 'InForce') return;
  state.write(key, { ...known, state: 'Breached' } satisfies AgreementRecord);
  const member = currentMembers(state).find(({ kind, name }) => kind === 'Agreement' && name === known.name);
  if (member) putMember(state, block, { ...member, state: 'Breached' }, specAt<AgreementSpec>(state, member.hash));
}

const isUpheld = ({ decisions }: CaseRecord) => decisions.at(-1)!.decision === 'Upheld';
export const proposalIdOf = ({ subject }: Pick<CaseRecord, 'subject'>): string => subject.slice('proposal/'.length);
export const slashIdOf = ({ subject }: Pick<CaseRecord, 'subject'>): string => subject.slice('slash/'.length);

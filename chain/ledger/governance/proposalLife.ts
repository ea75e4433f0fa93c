// A proposal's way: voted on, closed and counted, held by its timelock, carried out; deposits of those that fail go to the insurance fund (agreement 5.2).
import { governanceKeys, type ProposalRecord, type ProposalState } from '../../governanceTypes.js';
import { move } from '../accounts/money.js';
import { schedule, unschedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import { validatorSetAt } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';
import { event, type SystemEvent } from '../systemEvent.js';
import { rulesOf } from './contentRules.js';
import { tallyOf, VOTING_RULES } from './tally.js';

export const CLOSE_DUE = 'proposal-close';
export const EXECUTE_DUE = 'proposal-execute';

/** Throws Refusal 'UnknownProposal'. */
export function proposalOf(state: Overlay, id: string): ProposalRecord {
  const record = state.read<ProposalRecord>(governanceKeys.proposal(id));
  if (!record) throw new Refusal('UnknownProposal', `there is no proposal ${id}; see "kubectl enc proposals"`);
  return record;
}

export function openProposals(state: Overlay): readonly string[] {
  return state.read<{ ids: string[] }>(governanceKeys.openProposals)?.ids ?? [];
}

export function writeProposal(state: Overlay, record: ProposalRecord): void {
  state.write(governanceKeys.proposal(record.id), record);
}

/** Whether the votes given so far decide it whatever the others say, and nothing makes it wait. */
export function isDecided(state: Overlay, block: BlockContext, { content, votes }: ProposalRecord): boolean {
  const { threshold, timelock } = VOTING_RULES[content.kind];
  const { approve, needed } = tallyOf(votes, threshold, validatorSetAt(state, block.height));
  return timelock(block.parameters) === 0 && approve >= needed;
}

/** Counts it, and carries it out where it has no timelock. */
export function closeVote(state: Overlay, block: BlockContext, record: ProposalRecord): ProposalRecord {
  const { threshold, timelock } = VOTING_RULES[record.content.kind];
  const tally = tallyOf(record.votes, threshold, validatorSetAt(state, block.height));
  unschedule(state, { at: record.closesAt }, CLOSE_DUE, record.id);
  if (tally.approve < tally.needed) {
    move(state, 'escrow', { pool: 'insurance' }, record.deposit);
    return endProposal(state, { ...record, tally }, 'Rejected', `${tally.approve} of ${tally.validators} approved, ${tally.needed} were needed; the deposit is lost`);
  }
  move(state, 'escrow', { balance: record.proposer }, record.deposit);
  const wait = timelock(block.parameters);
  const passed: ProposalRecord = { ...record, tally, state: 'Passed', deposit: 0, executesAt: block.timestamp + wait };
  if (wait === 0) return execute(state, block, passed);
  writeProposal(state, passed);
  schedule(state, { at: passed.executesAt! }, EXECUTE_DUE, record.id);
  return passed;
}

/** What was right when it was proposed may not be any more: then it fails, and says why. */
function execute(state: Overlay, block: BlockContext, record: ProposalRecord): ProposalRecord {
  if (record.stayedBy !== undefined) {
    writeProposal(state, record);
    return record;
  }
  const fork = state.fork();
  const { check, apply, affected } = rulesOf(record.content);
  try {
    check(fork, block, record.content);
    const now = affected ? { affected: affected(fork, block, record.content) } : {};
    const outcome = apply(fork, block, record.content, record.id);
    state.adopt(fork);
    return endProposal(state, { ...record, ...now }, 'Executed', outcome);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return endProposal(state, record, 'Failed', `${error.code}: ${error.message}`);
  }
}

export function endProposal(state: Overlay, record: ProposalRecord, to: ProposalState, outcome: string): ProposalRecord {
  const ended: ProposalRecord = { ...record, state: to, deposit: 0, outcome };
  writeProposal(state, ended);
  state.write(governanceKeys.openProposals, { ids: openProposals(state).filter((id) => id !== record.id) });
  return ended;
}

export function closeDueVote(state: Overlay, block: BlockContext, id: string): SystemEvent {
  return told('proposal.close', closeVote(state, block, proposalOf(state, id)));
}

export function executeDueProposal(state: Overlay, block: BlockContext, id: string): SystemEvent {
  return told('proposal.execute', execute(state, block, proposalOf(state, id)));
}

function told(type: string, { id, title, state, outcome, tally, executesAt, stayedBy }: ProposalRecord): SystemEvent {
  const stayed = stayedBy === undefined ? undefined : `is stayed by case ${stayedBy}`;
  const what = state === 'Passed' ? stayed ?? `passed; it takes effect after its timelock, at ${new Date(executesAt!).toISOString()}` : `${state}: ${outcome}`;
  return event(type, { kind: 'Proposal', name: id }, state, `proposal "${title}" ${what}`, { tally });
}

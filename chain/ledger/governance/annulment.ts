// What the court does to a vote that it finds irregular: stayed by the first decision, let go on when a higher tier says otherwise, annulled when nobody can appeal any more (agreement 9.1: governance disputes).
import type { ProposalContent } from '../../governanceTypes.js';
import { move } from '../accounts/money.js';
import { schedule, unschedule } from '../due/due.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';
import { undoParameters } from './contents/parameterChange.js';
import { CLOSE_DUE, endProposal, EXECUTE_DUE, proposalOf, writeProposal } from './proposalLife.js';

/** Open ones, and changes of parameters that took effect within the appeal window. Throws Refusal 'UnknownProposal', 'AlreadyEnded'. */
export function mustBeAnnullable(state: Overlay, { timestamp, parameters }: BlockContext, id: string): void {
  const { state: stands, content, executesAt } = proposalOf(state, id);
  if (stands === 'Voting' || stands === 'Passed') return;
  if (stands === 'Executed' && content.kind === 'EconomicParameter' && timestamp <= executesAt! + parameters.appealWindowMs) return;
  throw new Refusal('AlreadyEnded', `proposal ${id} is ${stands}; the court annuls open ones, and changes of parameters until their appeal window is over: propose the way back`);
}

/** Votes are still given and counted; nothing is carried out. */
export function stayProposal(state: Overlay, _block: BlockContext, id: string, caseId: string): void {
  const record = proposalOf(state, id);
  if (record.stayedBy === undefined && (record.state === 'Voting' || record.state === 'Passed')) writeProposal(state, { ...record, stayedBy: caseId });
}

export function letProposalGoOn(state: Overlay, block: BlockContext, id: string, caseId: string): void {
  const { stayedBy, ...record } = proposalOf(state, id);
  if (stayedBy !== caseId) return;
  writeProposal(state, record);
  // Its time came while it was stayed.
  if (record.state === 'Passed' && record.executesAt! <= block.timestamp) schedule(state, { at: block.timestamp }, EXECUTE_DUE, id);
}

export function annulProposal(state: Overlay, block: BlockContext, id: string, caseId: string): void {
  const record = proposalOf(state, id);
  const by = `annulled by case ${caseId}`;
  if (record.state === 'Voting' || record.state === 'Passed') {
    unschedule(state, { at: record.closesAt }, CLOSE_DUE, id);
    if (record.executesAt !== null) unschedule(state, { at: record.executesAt }, EXECUTE_DUE, id);
    move(state, 'escrow', { pool: 'insurance' }, record.deposit);
    endProposal(state, record, 'Annulled', by);
  } else if (record.state === 'Executed' && record.content.kind === 'EconomicParameter') {
    const undone = undoParameters(state, block, record.content satisfies ProposalContent<'EconomicParameter'>, id);
    endProposal(state, record, 'Annulled', `${by}: ${undone}`);
  }
}

// Changes of the economy's parameters, each within bounds that let it be undone, in force from a stated height (agreement 5.2).
import { stateKeys, type AccountRecord } from '../../../types.js';
import type { ProposalContent } from '../../../governanceTypes.js';
import { quorum } from '../../../../receipts/quorum.js';
import { schedule, unschedule } from '../../due/due.js';
import { Refusal } from '../../ledgerError.js';
import type { BlockContext } from '../../operation.js';
import { agreedParameters, changeParameters, combinationFault, parameterFault, type ParameterName, type Parameters } from '../../parameters/parameters.js';
import { validatorSetAt } from '../../staking/validatorsInForce.js';
import type { Overlay } from '../../state.js';
import { event, type SystemEvent } from '../../systemEvent.js';

type Content = ProposalContent<'EconomicParameter'>;
export const PARAMETERS_DUE = 'parameters';
const pendingKey = (id: string) => `parameters-due/${id}`;
/** → what they were before a proposal changed them, for the court. */
const beforeKey = (id: string) => `parameters-before/${id}`;

function check(state: Overlay, block: BlockContext, { changes }: Content): void {
  const names = Object.keys(changes) as ParameterName[];
  if (names.length === 0) throw new Refusal('InvalidProposal', 'content.changes is empty; name a parameter and its value');
  const after = { ...agreedParameters(state, block.genesis), ...changes };
  const fault = names.map((name) => parameterFault(name, after[name])).find((found) => found !== undefined) ?? combinationFault(after);
  if (fault !== undefined) throw new Refusal('LocksOutReversal', `content.changes: ${fault}; outside of it the change could not be undone safely`);
  mustStayAffordable(state, block, after);
}

/** A quorum of validators must each be able to propose the way back. */
function mustStayAffordable(state: Overlay, block: BlockContext, { proposalDeposit }: Parameters): void {
  const { validators, quorumPercent } = validatorSetAt(state, block.height);
  const able = validators.filter(({ ed25519PublicKey }) => (state.read<AccountRecord>(stateKeys.account(ed25519PublicKey))?.balance ?? 0) >= proposalDeposit).length;
  const needed = quorum(validators.length, quorumPercent);
  if (proposalDeposit > block.parameters.proposalDeposit && able < needed)
    throw new Refusal(
      'LocksOutReversal',
      `content.changes.proposalDeposit ${proposalDeposit}: only ${able} of ${validators.length} validators could pay it to propose the way back, ${needed} must be able to`,
    );
}

function apply(state: Overlay, block: BlockContext, { changes, height }: Content, id: string): string {
  const what = Object.entries(changes)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
  // A block's parameters are read before it does anything: what is changed in one block is in force in the next.
  if (height <= block.height + 1) {
    change(state, block, changes, id);
    return `${what}, in force from block ${block.height + 1} on`;
  }
  state.write(pendingKey(id), changes);
  schedule(state, { height: height - 1 }, PARAMETERS_DUE, id);
  return `${what}, in force from block ${height} on`;
}

/** Their height has come. What would not fit others that changed meanwhile is not changed. */
export function changeDueParameters(state: Overlay, block: BlockContext, id: string): SystemEvent {
  const changes = state.read<Partial<Parameters>>(pendingKey(id))!;
  state.remove(pendingKey(id));
  const fault = combinationFault({ ...agreedParameters(state, block.genesis), ...changes });
  if (fault === undefined) change(state, block, changes, id);
  const outcome = fault === undefined ? 'are in force from the next block on' : `were not changed: ${fault}`;
  return event('parameters.change', { kind: 'Proposal', name: id }, fault === undefined ? 'Changed' : 'Unchanged', `parameters ${Object.keys(changes).join(', ')} ${outcome}`, { changes });
}

function change(state: Overlay, block: BlockContext, changes: Partial<Parameters>, id: string): void {
  const agreed = agreedParameters(state, block.genesis);
  const names = Object.keys(changes) as ParameterName[];
  state.write(beforeKey(id), Object.fromEntries(names.map((name) => [name, agreed[name]])));
  changeParameters(state, changes);
}

/** Back to what they were, where nothing else has changed them since; returns what was done, in words. */
export function undoParameters(state: Overlay, block: BlockContext, { changes, height }: Content, id: string): string {
  const before = state.read<Partial<Parameters>>(beforeKey(id));
  if (!before) {
    unschedule(state, { height: height - 1 }, PARAMETERS_DUE, id);
    if (state.get(pendingKey(id)) !== undefined) state.remove(pendingKey(id));
    return 'its changes do not come into force';
  }
  const agreed = agreedParameters(state, block.genesis);
  const back = Object.fromEntries(Object.entries(before).filter(([name]) => agreed[name as ParameterName] === changes[name as ParameterName])) as Partial<Parameters>;
  const fault = combinationFault({ ...agreed, ...back });
  if (fault !== undefined) return `its changes stay, for ${fault}`;
  changeParameters(state, back);
  return `${Object.entries(back).map(([name, value]) => `${name} ${value}`).join(', ') || 'nothing'} again from block ${block.height + 1} on`; // prettier-ignore
}

export const parameterRules = { check, apply };

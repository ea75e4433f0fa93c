// Emergency measures: narrow, at once, and over by themselves unless they are confirmed (agreement 5.2: 3/4+).
import { governanceKeys, type EmergencyRecord, type ProposalContent } from '../../../governanceTypes.js';
import { stateKeys } from '../../../types.js';
import { schedule } from '../../due/due.js';
import { Refusal } from '../../ledgerError.js';
import type { BlockContext } from '../../operation.js';
import type { Overlay } from '../../state.js';
import { event, type SystemEvent } from '../../systemEvent.js';

export const EMERGENCY_DUE = 'emergency';

function emergencies(state: Overlay): readonly EmergencyRecord[] {
  return state.records<EmergencyRecord>(governanceKeys.emergency(''));
}

/** Throws Refusal 'EmergencyHalt' while placement is halted. */
export function mustNotBeHalted(state: Overlay): void {
  const halt = emergencies(state).find(({ action }) => action === 'HaltPlacement');
  if (!halt) return;
  const end = halt.until === null ? 'until a proposal ends it' : `until ${new Date(halt.until).toISOString()}`;
  throw new Refusal('EmergencyHalt', `placement is halted ${end} by proposal ${halt.proposal}`);
}

export function cordonedNodes(state: Overlay): ReadonlySet<string> {
  return new Set(emergencies(state).flatMap(({ action, node }) => (action === 'CordonNode' ? [node] : [])));
}

function check(state: Overlay, _block: BlockContext, { action, node }: ProposalContent<'Emergency'>): void {
  if ((action === 'HaltPlacement') !== (node === ''))
    throw new Refusal('InvalidProposal', `content.node "${node}": HaltPlacement names no node, CordonNode names one`);
  if (node !== '' && state.get(stateKeys.node(node)) === undefined) throw new Refusal('UnknownNode', `content.node: node ${node} is not committed`);
}

function apply(state: Overlay, block: BlockContext, { action, node }: ProposalContent<'Emergency'>, id: string): string {
  const until = block.timestamp + block.parameters.emergencyMs;
  state.write(governanceKeys.emergency(id), { proposal: id, action, node, until } satisfies EmergencyRecord);
  schedule(state, { at: until }, EMERGENCY_DUE, id);
  return `${action}${node && ` ${node}`} until ${new Date(until).toISOString()}, unless it is confirmed`;
}

/** Its time is over. */
export function endEmergency(state: Overlay, _block: BlockContext, id: string): SystemEvent | undefined {
  const known = state.read<EmergencyRecord>(governanceKeys.emergency(id));
  if (!known || known.until === null) return undefined;
  state.remove(governanceKeys.emergency(id));
  return event('emergency.end', { kind: 'Proposal', name: id }, 'Expired', `${known.action}${known.node && ` ${known.node}`} was not confirmed and has ended`);
}

function mustBeInForce(state: Overlay, _block: BlockContext, { emergency }: ProposalContent<'EmergencyConfirmation'>): EmergencyRecord {
  const known = state.read<EmergencyRecord>(governanceKeys.emergency(emergency));
  if (!known) throw new Refusal('UnknownProposal', `content.emergency: no measure of proposal ${emergency} is in force`);
  return known;
}

function confirm(state: Overlay, block: BlockContext, content: ProposalContent<'EmergencyConfirmation'>): string {
  const known = mustBeInForce(state, block, content);
  const key = governanceKeys.emergency(content.emergency);
  if (content.keep) state.write(key, { ...known, until: null } satisfies EmergencyRecord);
  else state.remove(key);
  return content.keep ? `${known.action} stays until a proposal ends it` : `${known.action} has ended`;
}

export const emergencyRules = { check, apply };
export const emergencyConfirmationRules = {
  check: (state: Overlay, block: BlockContext, content: ProposalContent<'EmergencyConfirmation'>) => void mustBeInForce(state, block, content),
  apply: confirm,
};

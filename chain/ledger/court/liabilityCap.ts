// How much a court may award against whom: the caps of agreement 10.2.
import { stateKeys, type AccountRecord } from '../../types.js';
import type { CaseRecord } from '../../courtTypes.js';
import { poolOf } from '../accounts/money.js';
import { allNodes } from '../nodes/nodeOperations.js';
import type { BlockContext } from '../operation.js';
import { liableStake, nodesBehind } from '../staking/liability.js';
import { validatorsInForce } from '../staking/validatorsInForce.js';
import type { Overlay } from '../state.js';

/** The consensus network itself, as a case's respondent: what the ledger took, or reckoned wrongly, and what a vote decided. */
export const NETWORK = '';

/**
 * µBPI, together with what the case holds already. consensus_network: the insurance fund. cluster_operator: the stake of all nodes and validators.
 * individual_node: the stake per node, of the one that the case is about, or of all its operator's. Others answer with what they have.
 */
export function liabilityCap(state: Overlay, block: BlockContext, { respondent, subject, held }: Pick<CaseRecord, 'respondent' | 'subject' | 'held'>): number {
  if (respondent === NETWORK) return poolOf(state, 'insurance') + held;
  const { roles } = state.read<AccountRecord>(stateKeys.account(respondent))!;
  if (roles.includes('operator')) return clusterStake(state, block);
  const nodes = nodesBehind(state, block, respondent);
  if (nodes === 0) return Number.MAX_SAFE_INTEGER;
  const stake = liableStake(state, respondent);
  return /^(node|validator)\//.test(subject) ? Math.floor(stake / nodes) : stake;
}

function clusterStake(state: Overlay, block: BlockContext): number {
  const accounts = new Set([...allNodes(state).map(({ operator }) => operator), ...validatorsInForce(state, block).map(({ ed25519PublicKey }) => ed25519PublicKey)]);
  return [...accounts].reduce((sum, account) => sum + (state.read<AccountRecord>(stateKeys.account(account))?.stake ?? 0), 0);
}

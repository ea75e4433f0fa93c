// A vote to end the cluster: with 30 days' notice, or at once where its going on would do harm or is forbidden (agreement 11.1).
import type { ProposalContent } from '../../../governanceTypes.js';
import { Refusal } from '../../ledgerError.js';
import type { BlockContext } from '../../operation.js';
import type { Overlay } from '../../state.js';
import { terminate, terminationOf } from '../../termination/termination.js';

function check(state: Overlay, block: BlockContext, { cause, successor }: ProposalContent<'Termination'>): void {
  if (successor?.chainId === block.genesis.chainId) throw new Refusal('InvalidProposal', `content.successor.chainId: ${successor.chainId} is the cluster that ends; name another chain`);
  const known = terminationOf(state);
  if (known && (known.state === 'Terminated' || cause === 'voluntary'))
    throw new Refusal('Exists', `the cluster is terminated at ${new Date(known.at).toISOString()} already (${known.cause})`);
}

function apply(state: Overlay, block: BlockContext, { cause, successor }: ProposalContent<'Termination'>, id: string): string {
  const { at } = terminate(state, block, { cause, reason: `proposal ${id}`, ...(successor ? { successor } : {}) });
  return `the cluster is terminated at ${new Date(at).toISOString()} (${cause})`;
}

export const terminationRules = { check, apply };

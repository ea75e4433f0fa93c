// Protocol upgrades and security patches: the rules' version switches at a height that everybody knows beforehand (agreement 5.2, 5.3).
import type { ProposalContent } from '../../../governanceTypes.js';
import { Refusal } from '../../ledgerError.js';
import type { BlockContext } from '../../operation.js';
import { pendingUpgrade, protocolAt, switchProtocol } from '../../protocol/protocol.js';
import type { Overlay } from '../../state.js';

type Content = ProposalContent<'ProtocolUpgrade' | 'SecurityPatch'>;

/** A height further ahead could not be foreseen, nor taken back. */
const MAX_AHEAD = 10_000_000;

function check(state: Overlay, { height }: BlockContext, content: Content): void {
  const current = protocolAt(state, height);
  if (content.version <= current)
    throw new Refusal('InvalidProposal', `content.version ${content.version} is not above ${current}, which is in force; rules are taken back by a later version`);
  const pending = pendingUpgrade(state, height);
  if (pending) throw new Refusal('ChangePending', `version ${pending.version} takes effect at height ${pending.height}; propose the next one from then on`);
  if (content.height > height + MAX_AHEAD)
    throw new Refusal('LocksOutReversal', `content.height ${content.height} is more than ${MAX_AHEAD} blocks ahead; until then no other version could be agreed`);
}

/** Two blocks at least, so that every node sees it final before it is in force. */
function apply(state: Overlay, block: BlockContext, { version, height }: Content): string {
  const from = Math.max(height, block.height + 2);
  switchProtocol(state, block.height, { version, height: from });
  return `protocol version ${version} is in force from block ${from} on; nodes without it stop there`;
}

export const protocolRules = { check, apply };

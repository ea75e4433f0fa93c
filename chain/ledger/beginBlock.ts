// What happens by itself at a block's begin, before any operation: what has become due, in order, a bounded number of it.
import { expireAgreements } from './agreements/expireAgreements.js';
import { dueItems } from './due/due.js';
import { EVIDENCE_DUE, forgetEvidence } from './evidence/evidenceOperations.js';
import type { BlockContext } from './operation.js';
import { MESH_DUE, refundMesh } from './fees/feeOperations.js';
import { LEASE_DUE, renewLease } from './fees/leases.js';
import { keepHour } from './rewards/hour.js';
import { forgetCredits } from './rewards/rewardOperations.js';
import { closeAppealWindow, SLASH_DUE } from './slashing/slash.js';
import { releaseUnbonding, UNBONDING_DUE } from './staking/stakingOperations.js';
import type { Overlay } from './state.js';
import { continueTermination, TERMINATION_DUE } from './termination/termination.js';

/** In one block; the rest waits for the next. */
const MAX_DUE = 2_000;

const handlers: Readonly<Record<string, (state: Overlay, block: BlockContext, id: string) => void>> = {
  [UNBONDING_DUE]: releaseUnbonding,
  [SLASH_DUE]: closeAppealWindow,
  [EVIDENCE_DUE]: forgetEvidence,
  [LEASE_DUE]: renewLease,
  [MESH_DUE]: refundMesh,
  [TERMINATION_DUE]: continueTermination,
};

/** Returns errors that no rule foresees: what they concern stays as it was, and the chain goes on. */
export function beginBlock(state: Overlay, block: BlockContext): { due: string; error: unknown }[] {
  expireAgreements(state, block);
  if (block.genesis.economy) {
    keepHour(state, block);
    forgetCredits(state, block);
  }
  const faults: { due: string; error: unknown }[] = [];
  for (const { key, kind, id } of dueItems(state, block, MAX_DUE)) {
    state.remove(key);
    const fork = state.fork();
    try {
      handlers[kind]!(fork, block, id);
      state.adopt(fork);
    } catch (error) {
      faults.push({ due: key, error });
    }
  }
  return faults;
}

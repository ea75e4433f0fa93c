// What happens by itself at a block's begin, before any operation: what has become due, in order, a bounded number of it.
import { expireAgreements } from './agreements/expireAgreements.js';
import { removeBreacher } from './court/automatic.js';
import { CASE_DUE, caseDeadline, DRAW_DUE, drawDue } from './court/caseLife.js';
import { forgetLevel, LEVEL_DUE } from './court/levelStatements.js';
import { dueItems } from './due/due.js';
import { EVIDENCE_DUE, forgetEvidence } from './evidence/evidenceOperations.js';
import type { BlockContext } from './operation.js';
import { MESH_DUE, refundMesh } from './fees/feeOperations.js';
import { LEASE_DUE, renewLease } from './fees/leases.js';
import { EMERGENCY_DUE, endEmergency } from './governance/contents/emergency.js';
import { changeDueParameters, PARAMETERS_DUE } from './governance/contents/parameterChange.js';
import { CLOSE_DUE, closeDueVote, EXECUTE_DUE, executeDueProposal } from './governance/proposalLife.js';
import { keepHour } from './rewards/hour.js';
import { keepCredits } from './rewards/rewardOperations.js';
import { BREACH_DUE, closeAppealWindow, SLASH_DUE } from './slashing/slash.js';
import { releaseUnbonding, UNBONDING_DUE } from './staking/stakingOperations.js';
import type { Overlay } from './state.js';
import type { SystemEvent } from './systemEvent.js';
import { continueTermination, TERMINATION_DUE } from './termination/termination.js';

/** In one block; the rest waits for the next. */
const MAX_DUE = 2_000;

type Handler = (state: Overlay, block: BlockContext, id: string) => SystemEvent | undefined | void;
const handlers: Readonly<Record<string, Handler>> = {
  [UNBONDING_DUE]: releaseUnbonding,
  [SLASH_DUE]: closeAppealWindow,
  [BREACH_DUE]: removeBreacher,
  [EVIDENCE_DUE]: forgetEvidence,
  [LEASE_DUE]: renewLease,
  [MESH_DUE]: refundMesh,
  [TERMINATION_DUE]: continueTermination,
  [CLOSE_DUE]: closeDueVote,
  [EXECUTE_DUE]: executeDueProposal,
  [PARAMETERS_DUE]: changeDueParameters,
  [EMERGENCY_DUE]: endEmergency,
  [CASE_DUE]: caseDeadline,
  [DRAW_DUE]: drawDue,
  [LEVEL_DUE]: forgetLevel,
};

export interface Begun {
  /** What is to have a receipt. */
  events: SystemEvent[];
  /** Errors that no rule foresees: what they concern stays as it was, and the chain goes on. */
  faults: { due: string; error: unknown }[];
}

export function beginBlock(state: Overlay, block: BlockContext): Begun {
  const events = expireAgreements(state, block);
  if (block.genesis.economy) {
    events.push(...keepHour(state, block));
    keepCredits(state, block);
  }
  const faults: Begun['faults'] = [];
  for (const { key, kind, id } of dueItems(state, block, MAX_DUE)) {
    state.remove(key);
    const fork = state.fork();
    try {
      const happened = handlers[kind]!(fork, block, id);
      state.adopt(fork);
      if (happened) events.push(happened);
    } catch (error) {
      faults.push({ due: key, error });
    }
  }
  return { events, faults };
}

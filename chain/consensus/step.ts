// The consensus core: one event in, the next state and its effects out; no I/O, clock or randomness (QBFT).
import { onRoundTimer } from './changeRound.js';
import { onMessage, onPersisted } from './deliver.js';
import { onProposalReady, onProposalValidated } from './onProposal.js';
import { beginRound, onStart } from './onStart.js';
import { sizeOf, type ConsensusState } from './consensusState.js';
import { StepTurn } from './stepTurn.js';
import type { Effect, Event } from './types.js';

export { createConsensus, restore, type ConsensusState } from './consensusState.js';

export interface StepResult<B> {
  state: ConsensusState<B>;
  effects: Effect<B>[];
}

/** Never throws on what a peer sent. */
export function step<B>(state: ConsensusState<B>, event: Event<B>): StepResult<B> {
  const turn = new StepTurn(state);
  dispatch(turn, event);
  return { state: turn.state, effects: turn.effects };
}

function dispatch<B>(turn: StepTurn<B>, event: Event<B>): void {
  switch (event.type) {
    case 'Start':
      return onStart(turn, event);
    case 'Message':
      return onMessage(turn, event.peer, event.message);
    case 'Timer':
      return onTimer(turn, event.id);
    case 'Persisted':
      return onPersisted(turn, event.token);
    case 'WorkAvailable':
      return beginRound(turn);
    case 'ProposalReady':
      return onProposalReady(turn, event);
    case 'ProposalValidated':
      return onProposalValidated(turn, event.token, event.ok);
    case 'PeerConnected':
      return onPeerConnected(turn, event.peer);
  }
}

/** A timer that was cleared or replaced is nobody's. */
function onTimer<B>(turn: StepTurn<B>, id: string): void {
  const { roundTimer, intervalTimer } = turn.state;
  if (id === intervalTimer) {
    turn.set({ intervalTimer: null });
    beginRound(turn);
  } else if (id === roundTimer) onRoundTimer(turn);
}

/** What this validator has said in this round, for one that may have missed it. */
function onPeerConnected<B>(turn: StepTurn<B>, peer: number): void {
  const { mine, self } = turn.state;
  if (peer === self || peer >= sizeOf(turn.state)) return;
  for (const message of [mine.roundChange, mine.proposal, mine.prepare, mine.commit]) if (message) turn.emit({ type: 'Send', to: peer, message });
}

// Tells the shell, once, that a peer seems to have a block that is missing here.
import { MAX_PEERS } from './consensusState.js';
import { withEntry, type StepTurn } from './stepTurn.js';

export function hintSync<B>(turn: StepTurn<B>, peer: number, height: number): void {
  const { ahead } = turn.state;
  if ((ahead.get(peer) ?? 0) >= height || (ahead.size >= MAX_PEERS && !ahead.has(peer))) return;
  turn.set({ ahead: withEntry(ahead, peer, height) });
  turn.emit({ type: 'RequestSync', height, fromPeer: peer });
}

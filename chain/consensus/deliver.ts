// Messages on their way in: from peers through cheap checks first and the signature last, own ones once they are durable.
import { isFlooder } from './accuse.js';
import { hintSync } from './hintSync.js';
import { isSigned } from './justification.js';
import { readMessage } from './messageShapes.js';
import { onCommit } from './onCommit.js';
import { onPrepare } from './onPrepare.js';
import { onProposal } from './onProposal.js';
import { onRoundChange } from './onRoundChange.js';
import { isInWindow } from './rounds.js';
import { MAX_PEERS, sizeOf, WINDOW, type ConsensusState, type OwnMessages } from './consensusState.js';
import { withEntry, type StepTurn } from './stepTurn.js';
import type { Signed, SignedMessage } from './types.js';

export function onMessage<B>(turn: StepTurn<B>, peer: number, unchecked: unknown): void {
  const message = readMessage<B>(unchecked);
  if (message === undefined) return;
  const { height, decided } = turn.state;
  if (message.payload.height > height) return keepEarly(turn, peer, message);
  if (message.payload.height < height || decided) return;
  if (message.from >= sizeOf(turn.state) || message.from === turn.state.self) return;
  if (!isWelcome(turn.state, message) || !isSigned(turn.state, message)) return;
  handle(turn, message);
}

/** The record is durable: the vote leaves, and counts here as anybody's. */
export function onPersisted<B>(turn: StepTurn<B>, token: number): void {
  const message = turn.state.pending.get(token);
  if (message === undefined) return;
  const pending = new Map(turn.state.pending);
  pending.delete(token);
  turn.set({ pending });
  turn.emit({ type: 'Broadcast', message });
  if (turn.state.decided) return;
  if (message.payload.round === turn.state.round) turn.set({ mine: { ...turn.state.mine, [message.payload.type]: message } as OwnMessages<B> });
  handle(turn, message);
}

/** A message whose signature is known to be good, to its rule. */
export function handle<B>(turn: StepTurn<B>, message: SignedMessage<B>): void {
  if ('justification' in message) return onProposal(turn, message);
  if ('prepares' in message) return onRoundChange(turn, message);
  if (message.payload.type === 'prepare') return onPrepare(turn, message as Signed<typeof message.payload>);
  onCommit(turn, message as Signed<typeof message.payload>);
}

/** Whether it can still change anything: not the same again, and in a round that matters. */
function isWelcome<B>(state: ConsensusState<B>, message: SignedMessage<B>): boolean {
  const { from, payload, signature } = message;
  if (isFlooder(state.accused, message)) return false;
  if (payload.type === 'proposal') {
    return payload.round >= state.round - WINDOW.behind && state.proposals.get(payload.round)?.signature !== signature;
  }
  if (payload.type === 'roundChange') {
    const last = state.roundChanges.get(from);
    return last === undefined || payload.round > last.payload.round || (payload.round === last.payload.round && last.signature !== signature);
  }
  const known = (payload.type === 'prepare' ? state.prepares : state.commits).get(payload.round)?.get(from);
  return isInWindow(state, payload.round) && known?.signature !== signature;
}

/** A message of a later height: its sender has the blocks before. The latest of the next height are kept. */
function keepEarly<B>(turn: StepTurn<B>, peer: number, message: SignedMessage<B>): void {
  const { height, early } = turn.state;
  if (height > 0) hintSync(turn, peer, message.payload.height - 1);
  if (message.payload.height !== height + 1 || (early.size >= MAX_PEERS && !early.has(peer))) return;
  turn.set({ early: withEntry(early, peer, withEntry(early.get(peer) ?? new Map(), message.payload.type, message)) });
}

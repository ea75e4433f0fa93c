// Leaves the round for a later one, saying what was prepared (Moniz, Algorithm 3:1 and 3:5; Dafny: UponRoundTimeout).
import { castVote } from './castVote.js';
import { enterRound, startRoundTimer } from './rounds.js';
import { hasFlaw } from './consensusState.js';
import type { StepTurn } from './stepTurn.js';

export function changeRound<B>(turn: StepTurn<B>, round: number): void {
  enterRound(turn, round, false);
  const { height } = turn.state;
  const prepared = hasFlaw(turn.state, 'preparedDropped') ? null : turn.state.prepared;
  castVote(
    turn,
    { type: 'roundChange', height, round, preparedRound: prepared?.round ?? null, preparedDigest: prepared?.digest ?? null },
    { prepares: prepared?.prepares ?? [], block: prepared?.block ?? null },
  );
}

/**
 * Moniz, Algorithm 3:1, with one condition: the next round is only for those who know a quorum in this one. Alone in a round, a
 * validator repeats its round change instead. So rounds of correct validators never drift apart (at most one, once messages
 * arrive), and those who return find the others where they are, not in rounds of hours.
 */
export function onRoundTimer<B>(turn: StepTurn<B>): void {
  const { round, quorumInRound, mine } = turn.state;
  turn.set({ roundTimer: null });
  if (quorumInRound || hasFlaw(turn.state, 'advancesAlone')) return changeRound(turn, round + 1);
  if (mine.roundChange !== undefined && !hasFlaw(turn.state, 'noRepeat')) turn.emit({ type: 'Broadcast', message: mine.roundChange });
  startRoundTimer(turn);
}

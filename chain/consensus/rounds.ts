// Rounds and their time: when a round begins, how long it lasts, and what is forgotten with it.
import { blockOf, hasFlaw, WINDOW, type ConsensusState } from './consensusState.js';
import type { StepTurn } from './stepTurn.js';

/** Moniz, t(r): base · 2^r, capped so that nobody waits for hours. */
function timeoutOf({ baseTimeoutMs, maxTimeoutMs }: { baseTimeoutMs: number; maxTimeoutMs: number }, round: number): number {
  return Math.min(baseTimeoutMs * 2 ** Math.min(round, 40), maxTimeoutMs);
}

/** Moniz, Algorithms 2 and 3, "set timer to running": once more from the start. A validator that only follows needs no time. */
export function startRoundTimer<B>(turn: StepTurn<B>): void {
  const { config, round, quorumInRound, self } = turn.state;
  stopRoundTimer(turn);
  if (self === null) return;
  const id = `round-${round}-${turn.next()}`;
  // While too few are in this round there is nothing to wait for but them: repeat often, whatever the round.
  turn.emit({ type: 'SetTimer', id, afterMs: quorumInRound ? timeoutOf(config, round) : config.baseTimeoutMs });
  turn.set({ roundTimer: id, clockRunning: true });
}

export function stopRoundTimer<B>(turn: StepTurn<B>): void {
  const { roundTimer } = turn.state;
  if (roundTimer !== null) turn.emit({ type: 'ClearTimer', id: roundTimer });
  turn.set({ roundTimer: null });
}

/** The first sign that the height is being worked on starts the time of round 0. */
export function startClock<B>(turn: StepTurn<B>): void {
  if (!turn.state.clockRunning) startRoundTimer(turn);
}

/** `quorumInRound`: a justified proposal brought us here, so that a quorum is in this round already. */
export function enterRound<B>(turn: StepTurn<B>, round: number, quorumInRound: boolean): void {
  const { prepares, commits, sealed, proposals } = turn.state;
  turn.set({
    round,
    quorumInRound,
    voted: {},
    mine: {},
    requested: null,
    validating: null,
    accepted: null,
    proposals: recent(turn.state, proposals, round),
    prepares: recent(turn.state, prepares, round),
    commits: recent(turn.state, commits, round),
    sealed: recent(turn.state, sealed, round),
  });
  turn.set({ valid: new Set([...turn.state.valid].filter((digest) => blockOf(turn.state, digest) !== undefined)) });
  startRoundTimer(turn);
}

export function isInWindow(state: ConsensusState<unknown>, round: number): boolean {
  if (hasFlaw(state, 'noWindow')) return true;
  return round >= state.round - WINDOW.behind && round <= state.round + WINDOW.ahead;
}

function recent<V>(state: ConsensusState<unknown>, map: ReadonlyMap<number, V>, round: number): ReadonlyMap<number, V> {
  if (hasFlaw(state, 'noWindow')) return map;
  return new Map([...map].filter(([at]) => at >= round - WINDOW.behind));
}

// Commits: a quorum of good seals for one block, of whichever round, decides it (Moniz, Algorithm 2:8; Dafny: UponCommit).
import { hintSync } from './hintSync.js';
import { startClock, stopRoundTimer } from './rounds.js';
import { blockOf, hasFlaw, quorumOf } from './consensusState.js';
import { storeVote, votesFor } from './storeVote.js';
import { withEntry, type StepTurn } from './stepTurn.js';
import type { CommitPayload, Signed } from './types.js';

export function onCommit<B>(turn: StepTurn<B>, vote: Signed<CommitPayload>): void {
  const commits = storeVote(turn, turn.state.commits, vote);
  if (commits === undefined) return;
  turn.set({ commits });
  if (vote.payload.round === turn.state.round) startClock(turn);
  checkDecided(turn, vote.payload.round, vote.payload.digest);
}

/** The block of `digest` has just become known. */
export function checkDecidedInAnyRound<B>(turn: StepTurn<B>, digest: string): void {
  for (const round of turn.state.commits.keys()) checkDecided(turn, round, digest);
}

function checkDecided<B>(turn: StepTurn<B>, round: number, digest: string): void {
  const { height, set, config, decided, self } = turn.state;
  if (decided || votesFor(turn.state.commits, round, digest).length < quorumOf(turn.state)) return;
  const commits = withGoodSeals(turn, round, digest);
  if (commits.length < quorumOf(turn.state)) return;
  const found = blockOf(turn.state, digest);
  if (found === undefined) {
    for (const { from } of commits) if (from !== self) hintSync(turn, from, height);
    return;
  }
  const seals = commits.map(({ from, payload }) => ({ validator: from, seal: payload.seal }));
  const certificate = config.crypto.certificate(set, { height, round, digest }, seals);
  stopRoundTimer(turn);
  const { intervalTimer } = turn.state;
  if (intervalTimer !== null) turn.emit({ type: 'ClearTimer', id: intervalTimer });
  turn.set({ decided: true, intervalTimer: null });
  turn.emit({ type: 'Commit', height, round, digest, block: found.block, certificate });
}

/** Those whose seal is good; the others are dropped for good. All new ones are verified at once, and parted only when that fails. */
function withGoodSeals<B>(turn: StepTurn<B>, round: number, digest: string): Signed<CommitPayload>[] {
  const { height, set, config, commits, sealed } = turn.state;
  const candidates = votesFor(commits, round, digest);
  const known = sealed.get(round) ?? new Set<number>();
  const unchecked = candidates.filter(({ from }) => !known.has(from)).map(({ from, payload }) => ({ validator: from, seal: payload.seal }));
  if (unchecked.length === 0 || hasFlaw(turn.state, 'sealsUnchecked')) return candidates;
  const { valid, invalid } = config.crypto.partitionSeals(set, { height, round, digest }, unchecked);
  const bad = new Set(invalid.map(({ validator }) => validator));
  turn.set({
    sealed: withEntry(sealed, round, new Set([...known, ...valid.map(({ validator }) => validator)])),
    commits: withEntry(commits, round, new Map([...commits.get(round)!].filter(([from]) => !bad.has(from)))),
  });
  return candidates.filter(({ from }) => !bad.has(from));
}

// Keeps the first prepare and commit of each validator and round; a second that differs is evidence.
import { accuse } from './accuse.js';
import type { VotesByRound } from './consensusState.js';
import { withEntry, type StepTurn } from './stepTurn.js';
import type { CommitPayload, PreparePayload, Signed } from './types.js';

/** The map with the vote, or undefined when the validator has voted in this round before. */
export function storeVote<B, P extends PreparePayload | CommitPayload>(
  turn: StepTurn<B>,
  votes: VotesByRound<P>,
  vote: Signed<P>,
): VotesByRound<P> | undefined {
  const { round, digest } = vote.payload;
  const ofRound = votes.get(round) ?? new Map<number, Signed<P>>();
  const first = ofRound.get(vote.from);
  if (first !== undefined) {
    if (first.payload.digest !== digest) accuse(turn, first, vote);
    return undefined;
  }
  return withEntry(votes, round, withEntry(ofRound, vote.from, vote));
}

/** The round's votes for one digest, by ascending validator. */
export function votesFor<P extends PreparePayload | CommitPayload>(votes: VotesByRound<P>, round: number, digest: string): Signed<P>[] {
  const ofRound = [...(votes.get(round)?.values() ?? [])];
  return ofRound.filter(({ payload }) => payload.digest === digest).sort((a, b) => a.from - b.from);
}

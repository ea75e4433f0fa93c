// Prepares: a quorum of them for this round's proposal makes a prepared certificate, and a commit (Moniz, Algorithm 2:4; Dafny: UponPrepare).
import { castVote } from './castVote.js';
import { startClock } from './rounds.js';
import { hasFlaw, quorumOf } from './consensusState.js';
import { storeVote, votesFor } from './storeVote.js';
import type { StepTurn } from './stepTurn.js';
import type { PreparePayload, Signed } from './types.js';

export function onPrepare<B>(turn: StepTurn<B>, vote: Signed<PreparePayload>): void {
  const prepares = storeVote(turn, turn.state.prepares, vote);
  if (prepares === undefined) return;
  turn.set({ prepares });
  if (vote.payload.round === turn.state.round) startClock(turn);
  checkPrepared(turn);
}

/** Once in a round, and only for a proposal that was accepted in it. */
export function checkPrepared<B>(turn: StepTurn<B>): void {
  const { height, round, accepted, voted, prepares, proposals, config, self } = turn.state;
  if (accepted === null || voted.commit !== undefined || self === null) return;
  const quorum = votesFor(prepares, round, accepted);
  if (quorum.length < quorumOf(turn.state)) return;
  const { block } = proposals.get(round)!;
  const prepared = { round, digest: accepted, block, prepares: quorum };
  turn.set({ prepared });
  const seal = config.crypto.seal(height, round, accepted);
  castVote(turn, { type: 'commit', height, round, digest: accepted, seal }, {}, hasFlaw(turn.state, 'preparedDropped') ? null : prepared);
}

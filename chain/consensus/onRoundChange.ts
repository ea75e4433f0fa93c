// Round changes: f + 1 of higher rounds pull this validator along, a quorum for this round lets its proposer propose (Moniz, Algorithm 3:5 and 3:11; Dafny: UponRoundChange).
import { castVote } from './castVote.js';
import { changeRound } from './changeRound.js';
import { accuse, bare } from './accuse.js';
import { chosenPrepared, isRoundChangeJustified, sameClaim } from './justification.js';
import { checkDecidedInAnyRound } from './onCommit.js';
import { enterRound, startRoundTimer } from './rounds.js';
import { blockOf, faultyOf, isProposer, quorumOf } from './consensusState.js';
import { withEntry, type StepTurn } from './stepTurn.js';
import type { ProposalMessage, RoundChangeMessage } from './types.js';

/** Counted only when justified: one forged prepared round would wedge every proposer. The latest of each validator is kept. */
export function onRoundChange<B>(turn: StepTurn<B>, message: RoundChangeMessage<B>): void {
  const { from, payload } = message;
  const last = turn.state.roundChanges.get(from);
  if (last?.payload.round === payload.round && !sameClaim(last.payload, payload)) accuse(turn, last, message);
  if (last !== undefined && last.payload.round >= payload.round) return;
  if (!isRoundChangeJustified(turn.state, message)) return;
  turn.set({ roundChanges: withEntry(turn.state.roundChanges, from, message) });
  if (payload.preparedDigest !== null) checkDecidedInAnyRound(turn, payload.preparedDigest);
  if (turn.state.decided) return;
  jump(turn);
  noticeQuorum(turn);
  proposeWhenDue(turn);
}

/** Moniz, Algorithm 3:5: of the f + 1 highest rounds the lowest, for at least one correct validator is there or above. */
function jump<B>(turn: StepTurn<B>): void {
  const { round, roundChanges, self } = turn.state;
  const higher = [...roundChanges.values()].map(({ payload }) => payload.round).filter((other) => other > round);
  const needed = faultyOf(turn.state) + 1;
  if (higher.length < needed) return;
  const target = higher.sort((a, b) => b - a)[needed - 1]!;
  if (self === null) enterRound(turn, target, false);
  else changeRound(turn, target);
}

/** From here all that are in this round have the same time for it. */
function noticeQuorum<B>(turn: StepTurn<B>): void {
  const { round, roundChanges, quorumInRound } = turn.state;
  if (quorumInRound) return;
  const here = [...roundChanges.values()].filter(({ payload }) => payload.round >= round);
  if (here.length < quorumOf(turn.state)) return;
  turn.set({ quorumInRound: true });
  startRoundTimer(turn);
}

/** Moniz, Algorithm 3:11: the value with the highest prepared round, or a fresh one when nothing was prepared. */
function proposeWhenDue<B>(turn: StepTurn<B>): void {
  const { height, round, voted, requested } = turn.state;
  if (round === 0 || voted.proposal !== undefined || requested !== null || !isProposer(turn.state)) return;
  const messages = [...turn.state.roundChanges.values()].filter(({ payload }) => payload.round === round);
  if (messages.length < quorumOf(turn.state)) return;
  const roundChanges = messages.map(bare);
  const chosen = chosenPrepared(turn.state, roundChanges)?.[0];
  if (chosen === undefined) {
    turn.set({ requested: roundChanges });
    turn.emit({ type: 'RequestProposal', height, round });
    return;
  }
  const { prepares } = messages.find(({ payload }) => payload.preparedRound === chosen.preparedRound)!;
  const { block } = blockOf(turn.state, chosen.preparedDigest!)!;
  const justification: ProposalMessage<B>['justification'] = { roundChanges, prepares };
  castVote(turn, { type: 'proposal', height, round, digest: chosen.preparedDigest! }, { block, justification });
}

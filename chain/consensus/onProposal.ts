// Proposals: a justified one of this or any later round is validated and prepared (Moniz, Algorithm 2:1; Dafny: UponProposal, isValidProposal).
import { castVote } from './castVote.js';
import { accuse } from './accuse.js';
import { chosenPrepared, isFromProposer, isProposalJustified } from './justification.js';
import { checkDecidedInAnyRound } from './onCommit.js';
import { checkPrepared } from './onPrepare.js';
import { enterRound, startRoundTimer } from './rounds.js';
import { hasFlaw, isProposer } from './consensusState.js';
import { withEntry, withMember, type StepTurn } from './stepTurn.js';
import type { ProposalMessage } from './types.js';

/** Unlike the Dafny specification, a future round needs no proposal accepted before: its justification shows a quorum there. */
export function onProposal<B>(turn: StepTurn<B>, proposal: ProposalMessage<B>): void {
  const { payload, block } = proposal;
  if (!isFromProposer(turn.state, proposal)) return;
  const first = turn.state.proposals.get(payload.round);
  if (first !== undefined && first.payload.digest !== payload.digest) accuse(turn, first, proposal);
  if (first !== undefined && !hasFlaw(turn.state, 'votesTwiceInRound')) return;
  if (!turn.state.config.crypto.blockMatches(payload.digest, block) || !isProposalJustified(turn.state, proposal)) return;
  if (payload.round > turn.state.round) enterRound(turn, payload.round, true);
  turn.set({ proposals: withEntry(turn.state.proposals, payload.round, proposal) });
  if (payload.round === turn.state.round) consider(turn, proposal);
  else if (hasFlaw(turn.state, 'votesInLeftRound')) castVote(turn, { ...payload, type: 'prepare' });
  checkDecidedInAnyRound(turn, payload.digest);
}

/** A prepare of this round that was durable before a restart allows no other digest. */
function consider<B>(turn: StepTurn<B>, proposal: ProposalMessage<B>): void {
  const { height, round, digest } = proposal.payload;
  const { voted, valid } = turn.state;
  if (voted.prepare !== undefined && voted.prepare !== digest && !hasFlaw(turn.state, 'votesTwiceInRound')) return;
  startRoundTimer(turn);
  if (valid.has(digest)) return accept(turn, proposal);
  const token = turn.next();
  turn.set({ validating: { token, digest, round } });
  const prepared = chosenPrepared(turn.state, proposal.justification.roundChanges) !== undefined;
  turn.emit({ type: 'ValidateProposal', token, height, round, digest, block: proposal.block, prepared });
}

export function onProposalValidated<B>(turn: StepTurn<B>, token: number, ok: boolean): void {
  const { validating, proposals } = turn.state;
  if (validating?.token !== token) return;
  turn.set({ validating: null });
  if (!ok) return;
  turn.set({ valid: withMember(turn.state.valid, validating.digest) });
  accept(turn, proposals.get(validating.round)!);
}

function accept<B>(turn: StepTurn<B>, { payload: { height, round, digest } }: ProposalMessage<B>): void {
  turn.set({ accepted: digest });
  if (turn.state.voted.prepare !== digest) castVote(turn, { type: 'prepare', height, round, digest });
  checkPrepared(turn);
}

/** The block that was asked for: proposed when this is still the round for it (Dafny: UponBlockTimeout). */
export function onProposalReady<B>(turn: StepTurn<B>, event: { height: number; round: number; digest: string; block: B }): void {
  const { height, round, requested, voted } = turn.state;
  if (event.height !== height || event.round !== round || requested === null || voted.proposal !== undefined || !isProposer(turn.state)) return;
  turn.set({ valid: withMember(turn.state.valid, event.digest) });
  const justification: ProposalMessage<B>['justification'] = { roundChanges: requested, prepares: [] };
  castVote(turn, { type: 'proposal', height, round, digest: event.digest }, { block: event.block, justification });
}

// When a proposal or a round change proves its claims (Moniz, Algorithm 4; Dafny: isProposalJustification, validRoundChange).
import { hasFlaw, proposerOf, quorumOf, sizeOf, type ConsensusState } from './consensusState.js';
import type { PreparePayload, ProposalMessage, RoundChangeMessage, RoundChangePayload, Signed } from './types.js';

/** Moniz, Algorithm 4, JustifyRoundChange, demanded of each message before it is counted: nothing prepared, or a quorum's prepares and the block. */
export function isRoundChangeJustified<B>(state: ConsensusState<B>, { payload, prepares, block }: RoundChangeMessage<B>): boolean {
  if (!claimsAreOrdered(payload)) return false;
  const { preparedRound, preparedDigest } = payload;
  if (preparedRound === null || preparedDigest === null) return true;
  if (block === null || !state.config.crypto.blockMatches(preparedDigest, block)) return false;
  return hasFlaw(state, 'roundChangeUnjustified') || isPreparedBy(state, prepares, preparedRound, preparedDigest);
}

/**
 * Moniz, Algorithm 4, JustifyPrePrepare: round 0, or a quorum of round changes for the round of which either none has prepared, or
 * the one with the highest prepared round names this digest and its prepares are shown.
 */
export function isProposalJustified<B>(state: ConsensusState<B>, { payload, justification }: ProposalMessage<B>): boolean {
  const { roundChanges, prepares } = justification;
  if (payload.round === 0) return roundChanges.length === 0 && prepares.length === 0;
  if (hasFlaw(state, 'proposalUnjustified')) return true;
  if (!isQuorumOfDistinct(state, roundChanges) || !roundChanges.every((signed) => isRoundChangeFor(state, signed, payload.round))) return false;
  const chosen = chosenPrepared(state, roundChanges);
  if (chosen === undefined) return true;
  return chosen.some(
    ({ preparedRound, preparedDigest }) => preparedDigest === payload.digest && isPreparedBy(state, prepares, preparedRound!, payload.digest),
  );
}

/** Dafny: isHighestPrepared. The payloads with the highest prepared round; undefined when none has prepared. */
export function chosenPrepared(state: ConsensusState<unknown>, roundChanges: Iterable<Signed<RoundChangePayload>>): RoundChangePayload[] | undefined {
  const prepared = [...roundChanges].map(({ payload }) => payload).filter(({ preparedRound }) => preparedRound !== null);
  if (prepared.length === 0) return undefined;
  const rounds = prepared.map(({ preparedRound }) => preparedRound!);
  const chosen = hasFlaw(state, 'lowestPreparedChosen') ? Math.min(...rounds) : Math.max(...rounds);
  return prepared.filter(({ preparedRound }) => preparedRound === chosen);
}

export function isFromProposer(state: ConsensusState<unknown>, { from, payload }: ProposalMessage<unknown>): boolean {
  return hasFlaw(state, 'proposerUnchecked') || from === proposerOf(payload.height, payload.round, sizeOf(state));
}

function isPreparedBy(state: ConsensusState<unknown>, prepares: Signed<PreparePayload>[], round: number, digest: string): boolean {
  return isQuorumOfDistinct(state, prepares) && prepares.every((signed) => isPrepareFor(state, signed, round, digest));
}

function isPrepareFor(state: ConsensusState<unknown>, signed: Signed<PreparePayload>, round: number, digest: string): boolean {
  const { payload, from } = signed;
  if (payload.height !== state.height || payload.round !== round || payload.digest !== digest) return false;
  const known = state.prepares.get(round)?.get(from);
  return (known?.signature === signed.signature && known.payload.digest === digest) || isSigned(state, signed);
}

function isRoundChangeFor(state: ConsensusState<unknown>, signed: Signed<RoundChangePayload>, round: number): boolean {
  const { payload } = signed;
  if (payload.height !== state.height || payload.round !== round || !claimsAreOrdered(payload)) return false;
  const known = state.roundChanges.get(signed.from);
  return (known?.signature === signed.signature && sameClaim(known.payload, payload)) || isSigned(state, signed);
}

function claimsAreOrdered({ round, preparedRound, preparedDigest }: RoundChangePayload): boolean {
  if ((preparedRound === null) !== (preparedDigest === null)) return false;
  return preparedRound === null || preparedRound < round;
}

/** Of the same height: whether two round changes say the same. */
export function sameClaim(a: RoundChangePayload, b: RoundChangePayload): boolean {
  return a.round === b.round && a.preparedRound === b.preparedRound && a.preparedDigest === b.preparedDigest;
}

/** Validators are counted, not signatures. */
function isQuorumOfDistinct(state: ConsensusState<unknown>, messages: Signed[]): boolean {
  const signers = new Set(messages.map(({ from }) => from));
  if (hasFlaw(state, 'signersCountedTwice')) return messages.length >= quorumOf(state);
  return signers.size === messages.length && signers.size >= quorumOf(state);
}

export function isSigned(state: ConsensusState<unknown>, signed: Signed): boolean {
  if (signed.from >= sizeOf(state)) return false;
  return hasFlaw(state, 'signatureUnchecked') || state.config.crypto.verify(state.set, signed);
}

// What the core remembers: the current height's messages within a window of rounds, and a few of the next height's.
import { faulty, quorum } from '../../receipts/quorum.js';
import type { ValidatorSet } from '../../receipts/types.js';
import type {
  CommitPayload,
  ConsensusConfig,
  Flaw,
  Payload,
  PreparedCertificate,
  PreparePayload,
  ProposalMessage,
  RoundChangeMessage,
  RoundChangePayload,
  Signed,
  SignedMessage,
  VoteRecord,
} from './types.js';

export interface OwnMessages<B> {
  proposal?: ProposalMessage<B>;
  roundChange?: RoundChangeMessage<B>;
  prepare?: Signed<PreparePayload>;
  commit?: Signed<CommitPayload>;
}
export type VotesByRound<P extends PreparePayload | CommitPayload> = ReadonlyMap<number, ReadonlyMap<number, Signed<P>>>;

/** A value: a step makes a new one. */
export interface ConsensusState<B> {
  readonly config: ConsensusConfig<B>;
  /** Source of tokens and timer ids. */
  readonly serial: number;
  /** 0 before the first Start. */
  readonly height: number;
  readonly set: ValidatorSet;
  readonly self: number | null;
  readonly round: number;
  readonly decided: boolean;
  /** Round 0 waits for work or the interval before its time runs. */
  readonly clockRunning: boolean;
  /** A quorum is known to be in this round or above; until then the round change is repeated instead of going on to the next. */
  readonly quorumInRound: boolean;
  readonly roundTimer: string | null;
  readonly intervalTimer: string | null;

  /** Digests voted for in this round, durable or not. */
  readonly voted: { readonly proposal?: string; readonly prepare?: string; readonly commit?: string };
  /** Own durable messages of this round. */
  readonly mine: OwnMessages<B>;
  readonly pending: ReadonlyMap<number, SignedMessage<B>>;
  /** A fresh block was asked for, to be proposed with these. */
  readonly requested: Signed<RoundChangePayload>[] | null;

  /** The first by the round's proposer. */
  readonly proposals: ReadonlyMap<number, ProposalMessage<B>>;
  /** Digests that the shell found valid. */
  readonly valid: ReadonlySet<string>;
  readonly validating: { readonly token: number; readonly digest: string; readonly round: number } | null;
  /** Digest of this round's proposal, found valid. */
  readonly accepted: string | null;
  readonly prepares: VotesByRound<PreparePayload>;
  readonly commits: VotesByRound<CommitPayload>;
  /** Validators whose seal was verified, by round. */
  readonly sealed: ReadonlyMap<number, ReadonlySet<number>>;
  /** The latest of each validator. */
  readonly roundChanges: ReadonlyMap<number, RoundChangeMessage<B>>;
  readonly prepared: PreparedCertificate<B> | null;

  /** Unchecked messages of the next height by peer: its latest of each type, so that it can fill no more than its own share. */
  readonly early: ReadonlyMap<number, ReadonlyMap<Payload['type'], SignedMessage<B>>>;
  /** The height that each peer was last said to have. */
  readonly ahead: ReadonlyMap<number, number>;
  /** By kind and validator: the round it contradicted itself in, and the different things it said there; at most FLOOD. */
  readonly accused: ReadonlyMap<string, Accusation>;
  /** Vote log of the last run, for the heights still to come. */
  readonly restored: readonly VoteRecord<B>[];
}

export interface Accusation {
  round: number;
  claims: ReadonlySet<string>;
}

/** Prepares and commits are kept for rounds from `round − behind` to `round + ahead`, proposals from `round − behind` on. */
export const WINDOW = { behind: 2, ahead: 10 };
/** Peers for which anything is kept. */
export const MAX_PEERS = 1_024;

/** What a height starts with. */
export function freshHeight<B>() {
  return {
    round: 0,
    decided: false,
    clockRunning: false,
    quorumInRound: true,
    roundTimer: null,
    intervalTimer: null,
    voted: {},
    mine: {},
    pending: new Map<number, SignedMessage<B>>(),
    requested: null,
    proposals: new Map<number, ProposalMessage<B>>(),
    valid: new Set<string>(),
    validating: null,
    accepted: null,
    prepares: new Map<number, ReadonlyMap<number, Signed<PreparePayload>>>(),
    commits: new Map<number, ReadonlyMap<number, Signed<CommitPayload>>>(),
    sealed: new Map<number, ReadonlySet<number>>(),
    roundChanges: new Map<number, RoundChangeMessage<B>>(),
    prepared: null,
    accused: new Map<string, Accusation>(),
  };
}

export function createConsensus<B>(config: ConsensusConfig<B>): ConsensusState<B> {
  return restore(config, []);
}

/** A state that contradicts none of these votes, given in the order in which they were made durable; it acts on them at the Start of their height. */
export function restore<B>(config: ConsensusConfig<B>, records: readonly VoteRecord<B>[]): ConsensusState<B> {
  return {
    config,
    serial: 0,
    height: 0,
    set: { validators: [], quorumPercent: 100 },
    self: null,
    early: new Map(),
    ahead: new Map(),
    restored: records,
    ...freshHeight<B>(),
  };
}

export function sizeOf(state: ConsensusState<unknown>): number {
  return state.set.validators.length;
}

export function hasFlaw(state: ConsensusState<unknown>, flaw: Flaw): boolean {
  return state.config.flaws?.has(flaw) ?? false;
}

export function quorumOf(state: ConsensusState<unknown>): number {
  return quorum(sizeOf(state), state.set.quorumPercent) - (hasFlaw(state, 'quorumOneLower') ? 1 : 0);
}

export function faultyOf(state: ConsensusState<unknown>): number {
  return faulty(sizeOf(state));
}

/** Rotates by height and round (Dafny: proposer; Moniz: leader(λ, r)). */
export function proposerOf(height: number, round: number, validators: number): number {
  return (height + round) % validators;
}

export function isProposer(state: ConsensusState<unknown>): boolean {
  return state.self !== null && proposerOf(state.height, state.round, sizeOf(state)) === state.self;
}

/** The block of that digest when any message brought it. */
export function blockOf<B>(state: ConsensusState<B>, digest: string): { block: B } | undefined {
  if (state.prepared?.digest === digest) return state.prepared;
  for (const proposal of state.proposals.values()) if (proposal.payload.digest === digest) return proposal;
  for (const { payload, block } of state.roundChanges.values()) if (payload.preparedDigest === digest && block !== null) return { block };
  return undefined;
}

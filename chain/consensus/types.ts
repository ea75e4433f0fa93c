// The consensus core's contract with its shell: messages, events, effects and what is injected (QBFT: Moniz 2020, arXiv 2002.03613; Consensys' Dafny specification).
//
// Order of things. One core, one event at a time; the shell carries out the effects of a step in their order before the next event.
//   Start(h) ─▶ SetTimer(interval). The shell sends WorkAvailable whenever transactions wait after a Start, and when the first arrives.
//   WorkAvailable, or the interval's Timer ─▶ the round's clock starts; the round's proposer gets RequestProposal ─▶ ProposalReady.
//   A proposal of another ─▶ ValidateProposal ─▶ ProposalValidated. With `prepared` a quorum has prepared it: the shell checks that it
//     executes and hashes to `digest`, but not that it is timely, or clocks could block it for good.
//   Every own vote ─▶ Persist(token) ─▶ Persisted(token) once durable ─▶ Broadcast (to the others; the core counts its own).
//   A quorum of seals ─▶ Commit: the shell makes the block final (it may be one that it never validated), then sends Start(h + 1).
//   A block fetched by sync ─▶ the shell makes it final, then sends Start(h + 1) all the same. A Start of a height not above the current is ignored.
//   A link comes up ─▶ PeerConnected ─▶ Send of what the peer may have missed.
// Timer ids are never used twice; a timer that fires after ClearTimer does no harm. Tokens are unique in one run.
import type { CommitSeal } from '../../receipts/commitSeal.js';
import type { Certificate, ValidatorSet } from '../../receipts/types.js';

/** `digest` = hash of the block's header, hex: it binds the block, and holds no round. */
export interface ProposalPayload {
  type: 'proposal';
  height: number;
  round: number;
  digest: string;
}
export interface PreparePayload {
  type: 'prepare';
  height: number;
  round: number;
  digest: string;
}
/** `seal` = BLS signature over commitSealMessage, hex. */
export interface CommitPayload {
  type: 'commit';
  height: number;
  round: number;
  digest: string;
  seal: string;
}
/** Asks for `round`; the prepared pair is that of the sender's latest prepared certificate, or both null. */
export interface RoundChangePayload {
  type: 'roundChange';
  height: number;
  round: number;
  preparedRound: number | null;
  preparedDigest: string | null;
}
export type Payload = ProposalPayload | PreparePayload | CommitPayload | RoundChangePayload;

/** `from` = index into the height's validator set; `signature` = Ed25519 over signingInput(chainId, payload), hex. Transferable. */
export interface Signed<P extends Payload = Payload> {
  from: number;
  payload: P;
  signature: string;
}

/** `roundChanges`: a quorum for this round, empty in round 0. `prepares`: those of the highest prepared round among them, or empty. */
export interface ProposalMessage<B> extends Signed<ProposalPayload> {
  block: B;
  justification: { roundChanges: Signed<RoundChangePayload>[]; prepares: Signed<PreparePayload>[] };
}
/** `prepares` and `block` show what the payload says to be prepared; empty and null when nothing is. */
export interface RoundChangeMessage<B> extends Signed<RoundChangePayload> {
  prepares: Signed<PreparePayload>[];
  block: B | null;
}
/** What goes over the links; JSON as long as blocks are. */
export type SignedMessage<B> = ProposalMessage<B> | Signed<PreparePayload> | Signed<CommitPayload> | RoundChangeMessage<B>;

/** A quorum's prepares of one round and digest, with the block. */
export interface PreparedCertificate<B> {
  round: number;
  digest: string;
  block: B;
  prepares: Signed<PreparePayload>[];
}

/** One line of the vote log. `prepared` comes with commits: after a restart the block can be proposed again. */
export interface VoteRecord<B> {
  height: number;
  vote: Signed;
  prepared: PreparedCertificate<B> | null;
}

/** Synchronous, without side effects; malformed input gives false, never an exception. */
export interface ConsensusCrypto<B> {
  /** Ed25519, hex. */
  sign(payload: Payload): string;
  verify(set: ValidatorSet, signed: Signed): boolean;
  /** BLS, hex. */
  seal(height: number, round: number, digest: string): string;
  partitionSeals(set: ValidatorSet, block: BlockReference, seals: CommitSeal[]): { valid: CommitSeal[]; invalid: CommitSeal[] };
  /** Of valid seals of distinct validators. */
  certificate(set: ValidatorSet, block: BlockReference, seals: CommitSeal[]): Certificate;
  /** Whether this is the block with that digest, its whole content included. */
  blockMatches(digest: string, block: B): boolean;
}
export interface BlockReference {
  height: number;
  round: number;
  digest: string;
}

/** Milliseconds. Round r lasts min(baseTimeoutMs · 2^r, maxTimeoutMs); an empty block is proposed when the height is blockIntervalMs old. */
export interface ConsensusConfig<B> {
  baseTimeoutMs: number;
  maxTimeoutMs: number;
  blockIntervalMs: number;
  crypto: ConsensusCrypto<B>;
  /** Deliberate faults, for the tests of the simulator alone. */
  flaws?: ReadonlySet<Flaw>;
}

export type Event<B> =
  /** `self` = this validator's index in `set`, null for one that only follows. */
  | { type: 'Start'; height: number; set: ValidatorSet; self: number | null }
  /** `peer` = index of the validator at the other end of the link, or any number ≥ n that names a link; the message is unchecked JSON. */
  | { type: 'Message'; peer: number; message: unknown }
  | { type: 'Timer'; id: string }
  | { type: 'Persisted'; token: number }
  | { type: 'WorkAvailable' }
  | { type: 'ProposalReady'; height: number; round: number; digest: string; block: B }
  | { type: 'ProposalValidated'; token: number; ok: boolean }
  | { type: 'PeerConnected'; peer: number };

export type EvidenceKind = Payload['type'];

export type Effect<B> =
  | { type: 'Broadcast'; message: SignedMessage<B> }
  | { type: 'Send'; to: number; message: SignedMessage<B> }
  | { type: 'SetTimer'; id: string; afterMs: number }
  | { type: 'ClearTimer'; id: string }
  | { type: 'Persist'; token: number; record: VoteRecord<B> }
  | { type: 'RequestProposal'; height: number; round: number }
  | { type: 'ValidateProposal'; token: number; height: number; round: number; digest: string; block: B; prepared: boolean }
  | { type: 'Commit'; height: number; round: number; digest: string; block: B; certificate: Certificate }
  /** `fromPeer` claims to have the block of `height`; a hint, sent once per peer and height. */
  | { type: 'RequestSync'; height: number; fromPeer: number }
  /** Two messages signed by the same validator that no correct one signs both. */
  | { type: 'Evidence'; kind: EvidenceKind; first: Signed; second: Signed };

/** Deliberate faults that the simulator must find (chain/sim/flaws.test.ts); a node never sets one. */
export type Flaw =
  | 'quorumOneLower'
  | 'proposalUnjustified'
  | 'roundChangeUnjustified'
  | 'lowestPreparedChosen'
  | 'signersCountedTwice'
  | 'preparedDropped'
  | 'sentBeforeDurable'
  | 'votesForgotten'
  | 'restoredPrepareForgotten'
  | 'votesTwiceInRound'
  | 'votesInLeftRound'
  | 'proposerUnchecked'
  | 'sealsUnchecked'
  | 'advancesAlone'
  | 'noRepeat'
  | 'noWindow'
  | 'signatureUnchecked';

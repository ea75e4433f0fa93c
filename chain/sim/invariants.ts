// What must hold after every step of every correct validator, whatever the faulty, the network and the power do (oracles of the Dafny specification's theorems.dfy and instr_dsstate_invariants_defs.dfy).
import { quorum } from '../../receipts/quorum.js';
import { proposerOf, WINDOW, type ConsensusState } from '../consensus/consensusState.js';
import type { Effect, Payload, PreparedCertificate, ProposalMessage, RoundChangePayload, SignedMessage } from '../consensus/types.js';
import { allMembers, GENESIS, type SimBlock } from './simBlock.js';
import type { SimCrypto } from './simCrypto.js';
import type { Scenario } from './scenario.js';

export type InvariantCode =
  | 'Agreement'
  | 'Validity'
  | 'BadCertificate'
  | 'SentBeforeDurable'
  | 'Contradiction'
  | 'LeftRound'
  | 'UnproposedPrepare'
  | 'UnjustifiedProposal'
  | 'ForgottenPrepared'
  | 'BrokenLock'
  | 'BadPrepared'
  | 'FalseEvidence'
  | 'Memory'
  | 'Liveness'
  | 'LostVote'
  | 'Crash';

export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  constructor(
    readonly code: InvariantCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

interface Vote {
  round: number;
  digest: string;
}
type Commit = Extract<Effect<SimBlock>, { type: 'Commit' }>;

export class Invariants {
  readonly #blocks = new Map<number, { digest: string; block: SimBlock }>();
  readonly #members = new Map<number, readonly number[]>();
  readonly #proposed = new Set<string>();
  readonly #prepareSigned = new Set<string>();
  readonly #words = new Map<string, string>();
  readonly #lastRoundChange = new Map<string, number>();
  readonly #lastCommit = new Map<string, number>();
  readonly #prepares = new Map<number, Vote[]>();
  readonly #committers = new Map<string, Set<number>>();
  readonly #locks = new Map<number, Vote[]>();
  readonly #prepared = new Map<string, string>();

  constructor(
    private readonly scenario: Scenario,
    private readonly crypto: SimCrypto,
  ) {}

  /** Nodes that are validators of the height, as the final blocks below say. */
  #membersAt(height: number): readonly number[] {
    for (let at = height; at > 0; at--) if (this.#members.has(at)) return this.#members.get(at)!;
    return allMembers(this.scenario.nodes);
  }
  #quorumAt(height: number): number {
    return quorum(this.#membersAt(height).length, this.scenario.quorumPercent);
  }
  #isFaulty(node: number): boolean {
    return this.scenario.faulty.includes(node);
  }

  /** Of everybody, before it goes anywhere. */
  signed(node: number, payload: Payload): void {
    if (payload.type === 'proposal') this.#proposed.add(`${node}/${payload.height}/${payload.round}/${payload.digest}`);
    if (payload.type === 'prepare') this.#prepareSigned.add(`${node}/${payload.height}/${payload.round}/${payload.digest}`);
  }

  /** theorems.dfy: consistency; and the block is one that its parent allows, with a certificate anyone can verify. */
  decided(node: number, { height, digest, block, certificate }: Omit<Commit, 'type' | 'round'>): void {
    const first = this.#blocks.get(height);
    if (first && first.digest !== digest)
      fail('Agreement', `node ${node} decided ${brief(digest)} at height ${height}, another ${brief(first.digest)}`);
    const parent = height === 1 ? GENESIS : this.#blocks.get(height - 1)?.digest;
    if (!block.good || block.height !== height || block.parent !== parent)
      fail('Validity', `node ${node} decided a bad block at height ${height}: ${JSON.stringify(block)}`);
    const fault = this.crypto.certificateFault(this.crypto.set(this.#membersAt(height)), certificate);
    if (fault !== undefined || certificate.blockHash !== digest || certificate.height !== height) {
      fail('BadCertificate', `the certificate of node ${node} for height ${height} is bad: ${fault ?? 'it is for another block'}`);
    }
    if (first) return;
    this.#blocks.set(height, { digest, block });
    if (block.members.length > 0) this.#members.set(height + 2, block.members);
  }

  /** A message of a correct validator on its way out. */
  sent(node: number, message: SignedMessage<SimBlock>, isDurable: boolean): void {
    const { payload } = message;
    const { type, height, round } = payload;
    if (!isDurable) fail('SentBeforeDurable', `node ${node} sent its ${type} of ${height}/${round} before it was durable`);
    const key = `${node}/${type}/${height}/${round}`;
    const words = JSON.stringify(payload);
    const before = this.#words.get(key);
    if (before === words) return;
    if (before !== undefined) fail('Contradiction', `node ${node} sent ${words} after ${before}`);
    this.#words.set(key, words);
    const left = this.#lastRoundChange.get(`${node}/${height}`) ?? 0;
    if (round < left) fail('LeftRound', `node ${node} sent a ${type} of round ${round} at height ${height} after it had asked for round ${left}`);
    if ('justification' in message) this.#proposal(node, message);
    if (payload.type === 'prepare') this.#prepare(node, height, payload);
    if (payload.type === 'commit') this.#commit(node, height, payload);
    if (payload.type === 'roundChange') this.#roundChange(node, payload);
  }

  /** A correct proposer shows the certificate of the highest prepared round among the round changes that it shows. */
  #proposal(node: number, { payload: { height, round, digest }, justification: { roundChanges, prepares } }: ProposalMessage<SimBlock>): void {
    const claimed = roundChanges.map(({ payload }) => payload.preparedRound).filter((prepared) => prepared !== null);
    if (claimed.length === 0) return;
    const highest = Math.max(...claimed);
    const shown = new Set(prepares.filter(({ payload }) => payload.round === highest && payload.digest === digest).map(({ from }) => from));
    if (shown.size < this.#quorumAt(height)) {
      fail(
        'UnjustifiedProposal',
        `node ${node} proposed ${brief(digest)} at ${height}/${round} showing ${shown.size} prepares of round ${highest}, the highest that was claimed`,
      );
    }
  }

  #prepare(node: number, height: number, { round, digest }: Vote): void {
    const members = this.#membersAt(height);
    const proposer = members[proposerOf(height, round, members.length)]!;
    if (!this.#proposed.has(`${proposer}/${height}/${round}/${digest}`)) {
      fail('UnproposedPrepare', `node ${node} prepared ${brief(digest)} at ${height}/${round}, which proposer ${proposer} never proposed`);
    }
    append(this.#prepares, height, { round, digest });
    this.#checkLocks(height);
  }

  #commit(node: number, height: number, { round, digest }: Vote): void {
    const key = `${node}/${height}`;
    this.#lastCommit.set(key, Math.max(this.#lastCommit.get(key) ?? -1, round));
    const committers = this.#committers.get(`${height}/${round}/${digest}`) ?? new Set<number>();
    this.#committers.set(`${height}/${round}/${digest}`, committers.add(node));
    const bad = this.scenario.faulty.filter((at) => this.#membersAt(height).includes(at)).length;
    if (committers.size < this.#quorumAt(height) - bad) return;
    append(this.#locks, height, { round, digest });
    this.#checkLocks(height);
  }

  /** What enough correct validators have committed to is all that a correct one prepares in later rounds. */
  #checkLocks(height: number): void {
    for (const lock of this.#locks.get(height) ?? []) {
      const broken = this.#prepares.get(height)?.find(({ round, digest }) => round > lock.round && digest !== lock.digest);
      if (broken)
        fail(
          'BrokenLock',
          `${brief(broken.digest)} was prepared at ${height}/${broken.round}, although ${brief(lock.digest)} may have been decided in round ${lock.round}`,
        );
    }
  }

  #roundChange(node: number, { height, round, preparedRound }: RoundChangePayload): void {
    const committed = this.#lastCommit.get(`${node}/${height}`) ?? -1;
    if (committed > (preparedRound ?? -1)) {
      fail(
        'ForgottenPrepared',
        `node ${node} asked for ${height}/${round} saying it had prepared round ${preparedRound}, but it had committed in round ${committed}`,
      );
    }
    this.#lastRoundChange.set(`${node}/${height}`, round);
  }

  /** Two prepare quorums of a round share a digest; each is of distinct validators that signed. */
  prepared(node: number, height: number, { round, digest, prepares }: PreparedCertificate<SimBlock>): void {
    const signers = new Set(prepares.map(({ from }) => from));
    const said = `node ${node} holds ${brief(digest)} prepared at ${height}/${round}`;
    if (signers.size < this.#quorumAt(height))
      fail('BadPrepared', `${said} by ${signers.size} distinct validators, ${this.#quorumAt(height)} are needed`);
    const members = this.#membersAt(height);
    const forged = prepares.find(({ from }) => !this.#prepareSigned.has(`${members[from]}/${height}/${round}/${digest}`));
    if (forged) fail('BadPrepared', `${said} by ${forged.from}, who never signed that`);
    const other = this.#prepared.get(`${height}/${round}`);
    if (other !== undefined && other !== digest) fail('BadPrepared', `${said}, another holds ${brief(other)}`);
    this.#prepared.set(`${height}/${round}`, digest);
  }

  /** What was reported durable is there after every power cut, and a power cut is never taken for damage. */
  lostVote(node: number, what: string): void {
    fail('LostVote', `node ${node} comes back: ${what}`);
  }

  evidence(node: number, height: number, index: number): void {
    const accused = this.#membersAt(height)[index]!;
    if (!this.#isFaulty(accused)) fail('FalseEvidence', `node ${node} accuses node ${accused}, which is correct`);
  }

  /** Everything that grows with messages stays within the window. */
  memory(node: number, state: ConsensusState<SimBlock>): void {
    const { prepares, commits, proposals, roundChanges, early, accused } = state;
    const n = this.scenario.nodes;
    const rounds = WINDOW.behind + WINDOW.ahead + 1;
    const fits =
      prepares.size <= rounds && commits.size <= rounds && proposals.size <= WINDOW.behind + 1 && roundChanges.size <= n && accused.size <= 4 * n;
    if (!fits || early.size > n)
      fail('Memory', `node ${node} keeps prepares of ${prepares.size} rounds, commits of ${commits.size}, ${early.size} peers' early messages`);
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function brief(digest: string): string {
  return digest.slice(0, 8);
}

function fail(code: InvariantCode, message: string): never {
  throw new InvariantError(code, message);
}

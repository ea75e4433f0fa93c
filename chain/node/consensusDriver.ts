// Runs the consensus core: one event at a time, its effects carried out in order; a vote leaves only after its record is durable.
import { performance } from 'node:perf_hooks';
import { noteGood } from '../../receipts/knownCertificates.js';
import type { Certificate, ValidatorSet } from '../../receipts/types.js';
import type { Effect, Event, EvidenceKind, Signed, SignedMessage, VoteRecord } from '../consensus/types.js';
import type { Block } from '../types.js';
import { MAX_CLOCK_AHEAD_MS, type ChainState, type ExecutedBlock } from './chainState.js';
import type { Channel } from './links/channels.js';
import { NodeError, reasonOf } from './nodeError.js';
import type { ProposalMaker } from './proposalMaker.js';

/** Proposals of the present height that were executed and may be decided. */
const KEPT_EXECUTIONS = 8;

/** The core with its state. */
export interface ConsensusCore {
  readonly round: number;
  step(event: Event<Block>): Effect<Block>[];
}
export interface VoteStore {
  /** Votes that are durable, of all runs. */
  readonly cast: number;
  append(record: VoteRecord<Block>): Promise<void>;
  finalised(height: number): Promise<void>;
}
export interface DriverHooks {
  /** This validator's index in a set; null when it is no member, and only follows. */
  selfIn(set: ValidatorSet): number | null;
  /** As it goes over a link. */
  encode(message: SignedMessage<Block>): Uint8Array;
  broadcast(channel: Channel, message: Uint8Array): void;
  send(peer: number, channel: Channel, message: Uint8Array): void;
  /** The peer says that it has this block. */
  behind(peer: number, height: number): void;
  evidence(kind: EvidenceKind, first: Signed, second: Signed): void;
  /** A proposal begins to be executed here, or was made here. */
  proposed(digest: string): void;
  /** A block became durable, by votes or by sync; `seconds` since its height had work, if it had. */
  committed(executed: ExecutedBlock, seconds: number | undefined): void;
  invalidProposal(height: number, round: number, reason: string): void;
  /** The node cannot go on. */
  fatal(error: unknown): void;
  hasWork(): boolean;
}

export class ConsensusDriver {
  readonly #events: Event<Block>[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #executed = new Map<string, ExecutedBlock>();
  #running = false;
  #stopped = false;
  #workSince: number | undefined;

  constructor(
    private readonly chain: ChainState,
    private readonly core: ConsensusCore,
    private readonly votes: VoteStore,
    private readonly maker: ProposalMaker,
    private readonly hooks: DriverHooks,
  ) {}

  start(): void {
    this.#startHeight();
  }

  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** There are transactions to propose. */
  work(): void {
    if (this.#workSince !== undefined) return;
    this.#workSince = performance.now();
    this.dispatch({ type: 'WorkAvailable' });
  }

  message(peer: number, message: unknown): void {
    this.dispatch({ type: 'Message', peer, message });
  }

  peerConnected(peer: number): void {
    this.dispatch({ type: 'PeerConnected', peer });
  }

  /** Commits a block that others made final; false when it is there already. */
  applySynced(executed: () => ExecutedBlock, height: number, certificate: Certificate): Promise<boolean> {
    return this.chain.exclusive(async () => {
      if (this.#stopped || height <= this.chain.height) return false;
      await this.#makeFinal(executed(), certificate);
      return true;
    });
  }

  dispatch(event: Event<Block>): void {
    this.#events.push(event);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#events.shift(); next && !this.#stopped; next = this.#events.shift()) {
        for (const effect of this.core.step(next)) this.#carryOut(effect);
      }
    } catch (error) {
      this.hooks.fatal(error);
    } finally {
      this.#running = false;
    }
  }

  #startHeight(): void {
    if (this.#stopped) return;
    this.#executed.clear();
    this.#workSince = undefined;
    const height = this.chain.height + 1;
    const { set } = this.chain.setAt(height);
    this.dispatch({ type: 'Start', height, set, self: this.hooks.selfIn(set) });
    if (this.hooks.hasWork()) this.work();
  }

  #carryOut(effect: Effect<Block>): void {
    switch (effect.type) {
      case 'Broadcast':
        return this.hooks.broadcast(channelOf(effect.message), this.hooks.encode(effect.message));
      case 'Send':
        return this.hooks.send(effect.to, channelOf(effect.message), this.hooks.encode(effect.message));
      case 'SetTimer':
        return this.#setTimer(effect.id, effect.afterMs);
      case 'ClearTimer':
        return this.#clearTimer(effect.id);
      case 'Persist':
        return this.#guard(this.votes.append(effect.record).then(() => this.dispatch({ type: 'Persisted', token: effect.token })));
      case 'RequestProposal':
        return this.#guard(this.#propose(effect.height, effect.round));
      case 'ValidateProposal':
        return this.#guard(this.#validate(effect));
      case 'Commit':
        return this.#guard(this.#decided(effect));
      case 'RequestSync':
        return this.hooks.behind(effect.fromPeer, effect.height);
      case 'Evidence':
        return this.hooks.evidence(effect.kind, effect.first, effect.second);
    }
  }

  #setTimer(id: string, afterMs: number): void {
    this.#clearTimer(id);
    const fire = () => {
      this.#timers.delete(id);
      this.dispatch({ type: 'Timer', id });
    };
    this.#timers.set(id, setTimeout(fire, afterMs));
  }

  #clearTimer(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  #guard(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.hooks.fatal(error));
  }

  async #propose(height: number, round: number): Promise<void> {
    const made = await this.maker.make(round, () => this.#isCurrent(height));
    if (!made || !this.#isCurrent(height)) return;
    this.#remember(made);
    this.hooks.proposed(made.digest);
    this.dispatch({ type: 'ProposalReady', height, round, digest: made.digest, block: made.block });
  }

  async #validate({ token, height, round, digest, block, prepared }: Extract<Effect<Block>, { type: 'ValidateProposal' }>): Promise<void> {
    let ok = this.#executed.has(digest);
    try {
      if (!ok) {
        this.hooks.proposed(digest);
        await Promise.all(block.transactions.map((raw) => this.chain.reader.readAsync(raw)));
        if (!this.#isCurrent(height)) return;
        if (!prepared) mustBeTimely(block);
        this.#remember(this.chain.check(block));
        ok = true;
      }
    } catch (error) {
      this.hooks.invalidProposal(height, round, reasonOf(error));
    }
    this.dispatch({ type: 'ProposalValidated', token, ok });
  }

  #decided({ height, digest, block, certificate }: Extract<Effect<Block>, { type: 'Commit' }>): Promise<void> {
    return this.chain.exclusive(async () => {
      if (this.#stopped || height <= this.chain.height) return;
      const executed = this.#executed.get(digest) ?? this.chain.checkFinal({ ...block, certificate });
      // The core made it of seals that it had checked.
      noteGood(certificate);
      await this.#makeFinal(executed, certificate);
    });
  }

  async #makeFinal(executed: ExecutedBlock, certificate: Certificate): Promise<void> {
    const since = this.#workSince;
    await this.chain.commit(executed, certificate, this.votes.cast);
    this.hooks.committed(executed, since === undefined ? undefined : (performance.now() - since) / 1_000);
    this.#guard(this.votes.finalised(this.chain.height + 1));
    this.#startHeight();
  }

  #isCurrent(height: number): boolean {
    return !this.#stopped && this.chain.height + 1 === height;
  }

  #remember(executed: ExecutedBlock): void {
    this.#executed.set(executed.digest, executed);
    const [oldest] = this.#executed.keys();
    if (this.#executed.size > KEPT_EXECUTIONS) this.#executed.delete(oldest!);
  }
}

/** Votes overtake whatever carries a block. */
function channelOf(message: SignedMessage<Block>): Channel {
  return 'block' in message && message.block !== null ? 'blocks' : 'votes';
}

function mustBeTimely({ header }: Block): void {
  const ahead = header.timestamp - Date.now();
  if (ahead > MAX_CLOCK_AHEAD_MS) throw new NodeError('BadBlock', `block ${header.height} is ${ahead} ms ahead of this clock, at most ${MAX_CLOCK_AHEAD_MS} are taken`);
}

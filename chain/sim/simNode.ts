// One simulated validator: the real core in a shell with a disk that loses what is not synced, and block sync with its peers.
import type { Certificate } from '../../receipts/types.js';
import { createConsensus, restore, step, type ConsensusState } from '../consensus/step.js';
import type { ConsensusConfig, Effect, Event, SignedMessage } from '../consensus/types.js';
import { allMembers, blockDigest, GENESIS, type SimBlock } from './simBlock.js';
import type { World } from './simulation.js';
import type { VoteStore } from './voteStore.js';

export interface FinalBlock {
  block: SimBlock;
  certificate: Certificate;
}
export type Packet =
  | { kind: 'consensus'; message: SignedMessage<SimBlock> }
  | { kind: 'status'; height: number }
  | { kind: 'getBlocks'; from: number }
  | { kind: 'blocks'; blocks: FinalBlock[] };

const STATUS_EVERY_MS = 250;
const SYNC_PATIENCE_MS = 150;
const BLOCKS_PER_ANSWER = 8;

export class SimNode {
  state: ConsensusState<SimBlock>;
  /** False without power, and while its votes are read. */
  up = false;
  /** Nodes that are validators of this height. */
  members: readonly number[] = [];
  /** Blocks that are durable. */
  readonly chain: FinalBlock[] = [];
  readonly #votes: VoteStore;
  #timers = new Set<string>();
  /** What was scheduled in an earlier life does not happen. */
  #life = 0;
  #asking = false;

  constructor(
    readonly id: number,
    protected readonly world: World,
    private readonly config: ConsensusConfig<SimBlock>,
  ) {
    this.state = createConsensus(config);
    this.#votes = world.voteStore(this);
  }

  get height(): number {
    return this.chain.length;
  }
  get head(): string {
    const last = this.chain.at(-1);
    return last ? last.certificate.blockHash : GENESIS;
  }

  powerOff(): void {
    this.up = false;
    this.#life++;
    this.#timers.clear();
    this.#votes.powerCut();
  }

  powerOn(isSpoiled: boolean, ready: () => void): void {
    if (isSpoiled) this.#votes.spoil();
    const life = ++this.#life;
    this.#votes.open((records) => {
      if (life !== this.#life) return;
      this.up = true;
      this.#asking = false;
      this.state = restore(
        this.config,
        records.filter(({ height }) => height > this.height),
      );
      this.#startHeight();
      this.later(this.world.random.below(STATUS_EVERY_MS), () => this.#tellStatus());
      ready();
    });
  }

  receive(from: number, packet: Packet): void {
    if (!this.up) return;
    switch (packet.kind) {
      case 'consensus':
        return this.handle({ type: 'Message', peer: this.peerOf(from), message: packet.message });
      case 'status':
        return this.#wantFrom(from, packet.height);
      case 'getBlocks':
        return void this.world.transmit(this.id, from, {
          kind: 'blocks',
          blocks: this.chain.slice(packet.from - 1, packet.from - 1 + BLOCKS_PER_ANSWER),
        });
      case 'blocks':
        for (const final of packet.blocks) this.#takeFinal(final);
    }
  }

  handle(event: Event<SimBlock>): void {
    if (!this.up) return;
    this.world.note(this.id, event);
    const { state, effects } = step(this.state, event);
    this.state = state;
    for (const effect of effects) this.#carryOut(effect);
    this.world.stepped(this);
  }

  /** How the core calls a node: by its place among the validators, or by a number above them. */
  peerOf(node: number): number {
    const index = this.members.indexOf(node);
    return index < 0 ? this.members.length + node : index;
  }
  #nodeOf(peer: number): number {
    return this.members[peer] ?? peer - this.members.length;
  }

  /** To one peer; the faulty do otherwise. */
  protected send(to: number, message: SignedMessage<SimBlock>): void {
    this.world.transmit(this.id, to, { kind: 'consensus', message });
  }

  #carryOut(effect: Effect<SimBlock>): void {
    this.world.noteEffect(this.id, effect);
    switch (effect.type) {
      case 'Broadcast':
        this.world.sending(this, effect.message, this.#isDurable(effect.message));
        for (const { id } of this.world.nodes) if (id !== this.id) this.send(id, effect.message);
        return;
      case 'Send':
        this.world.sending(this, effect.message, this.#isDurable(effect.message));
        return this.send(this.#nodeOf(effect.to), effect.message);
      case 'SetTimer':
        return this.#setTimer(effect.id, effect.afterMs);
      case 'ClearTimer':
        return void this.#timers.delete(effect.id);
      case 'Persist':
        this.world.persisting(this, effect.record);
        return this.#votes.append(effect.record, () => this.handle({ type: 'Persisted', token: effect.token }));
      case 'RequestProposal':
        return this.later(1, () => this.#propose(effect.height, effect.round));
      case 'ValidateProposal':
        return this.later(1, () => this.handle({ type: 'ProposalValidated', token: effect.token, ok: this.#isValid(effect.height, effect.block) }));
      case 'Commit':
        this.world.decided(this, effect);
        return this.later(this.world.random.below(this.world.scenario.syncMs), () =>
          this.#finalise({ block: effect.block, certificate: effect.certificate }),
        );
      case 'RequestSync':
        return this.#wantFrom(this.#nodeOf(effect.fromPeer), effect.height);
      case 'Evidence':
        return this.world.accused(this, effect.second);
    }
  }

  #isDurable({ payload }: SignedMessage<SimBlock>): boolean {
    return this.#votes.durable.some(
      ({ vote }) =>
        vote.payload === payload ||
        (vote.payload.type === payload.type && vote.payload.height === payload.height && vote.payload.round === payload.round),
    );
  }

  #setTimer(id: string, afterMs: number): void {
    this.#timers.add(id);
    this.later(afterMs * this.world.clockRate(this.id), () => {
      if (this.#timers.delete(id)) this.handle({ type: 'Timer', id });
    });
  }

  #propose(height: number, round: number): void {
    if (height !== this.height + 1) return;
    const block = this.world.makeBlock(this.id, height, this.head);
    this.handle({ type: 'ProposalReady', height, round, digest: blockDigest(block), block });
  }

  #isValid(height: number, block: SimBlock): boolean {
    return block.good && block.height === height && height === this.height + 1 && block.parent === this.head;
  }

  #takeFinal(final: FinalBlock): void {
    if (final.block.height !== this.height + 1 || !this.world.isFinal(this, final)) return;
    const { height, blockHash, round } = final.certificate;
    this.world.decided(this, { ...final, height, round, digest: blockHash });
    this.#finalise(final);
  }

  #finalise(final: FinalBlock): void {
    if (final.block.height !== this.height + 1) return;
    this.chain.push(final);
    this.#votes.finalised(this.height);
    this.#startHeight();
    this.#tellAll();
  }

  #startHeight(): void {
    const height = this.height + 1;
    this.members = this.world.membersFor(this);
    const self = this.members.indexOf(this.id);
    this.handle({ type: 'Start', height, set: this.world.crypto.set(this.members), self: self < 0 ? null : self });
    const wait = this.world.workAfterMs();
    if (wait !== undefined) this.later(wait, () => this.height + 1 === height && this.handle({ type: 'WorkAvailable' }));
  }

  #tellAll(): void {
    for (const { id } of this.world.nodes) if (id !== this.id) this.world.transmit(this.id, id, { kind: 'status', height: this.height });
  }
  #tellStatus(): void {
    const others = this.world.nodes.filter(({ id }) => id !== this.id);
    if (others.length > 0) this.world.transmit(this.id, this.world.random.pick(others).id, { kind: 'status', height: this.height });
    this.later(STATUS_EVERY_MS, () => this.#tellStatus());
  }

  /** A validator that is one block behind usually decides in a moment. */
  #wantFrom(peer: number, height: number): void {
    if (height <= this.height || this.#asking || peer >= this.world.nodes.length) return;
    this.#asking = true;
    this.later(SYNC_PATIENCE_MS, () => {
      this.#asking = false;
      if (height > this.height) this.world.transmit(this.id, peer, { kind: 'getBlocks', from: this.height + 1 });
    });
  }

  /** Unless the power fails before. */
  later(afterMs: number, run: () => void): void {
    const life = this.#life;
    this.world.schedule(afterMs, () => {
      if (this.up && life === this.#life) run();
    });
  }
}

/** Validators of the height after the chain: a block's change takes effect `delay` heights later. */
export function membersAfter(chain: readonly FinalBlock[], nodes: number, delay = 2): readonly number[] {
  const next = chain.length + 1;
  return chain.findLast(({ block }) => block.members.length > 0 && block.height + delay <= next)?.block.members ?? allMembers(nodes);
}

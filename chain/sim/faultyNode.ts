// A faulty validator: a core whose messages it may withhold, and misdeeds of every kind the adversary of the Dafny specification has (adversary.dfy: replay anything seen, sign only as the faulty).
import { proposerOf, sizeOf } from '../consensus/consensusState.js';
import { readMessage } from '../consensus/messageShapes.js';
import type {
  ConsensusConfig,
  ConsensusCrypto,
  Payload,
  ProposalMessage,
  RoundChangeMessage,
  RoundChangePayload,
  PreparePayload,
  Signed,
  SignedMessage,
} from '../consensus/types.js';
import { blockDigest, type SimBlock } from './simBlock.js';
import { SimNode, type Packet } from './simNode.js';
import type { World } from './simulation.js';

const REMEMBERED = 120;

export class FaultyNode extends SimNode {
  readonly #crypto: ConsensusCrypto<SimBlock>;
  #seen: SignedMessage<SimBlock>[] = [];

  constructor(id: number, world: World, config: ConsensusConfig<SimBlock>) {
    super(id, world, config);
    this.#crypto = config.crypto;
  }

  override receive(from: number, packet: Packet): void {
    const message = packet.kind === 'consensus' ? readMessage<SimBlock>(packet.message) : undefined;
    if (message) this.#remember(message);
    super.receive(from, packet);
  }

  protected override send(to: number, message: SignedMessage<SimBlock>): void {
    this.#remember(message);
    if (!this.world.random.chance(this.world.scenario.adversary.withholds)) super.send(to, message);
  }

  /** Does one bad thing. */
  misbehave(): void {
    if (!this.up || this.state.height === 0) return;
    const { random } = this.world;
    const deeds = [
      () => this.#equivocate(),
      () => this.#equivocate(),
      () => this.#voteForEverything(),
      () => this.#voteForEverything(),
      () => this.#lieAboutPrepared(),
      () => this.#lieAboutPrepared(),
      () => this.#proposeOutOfTurn(),
      () => this.#replay(),
      () => this.#mutilate(),
      () => this.#impersonate(),
      () => this.#flood(),
      () => this.#badSeal(),
    ];
    random.pick(deeds)();
  }

  /** Its place among the validators of the height; one that does not belong to it when it is none. */
  get index(): number {
    return this.state.self ?? sizeOf(this.state);
  }

  #remember(message: SignedMessage<SimBlock>): void {
    this.#seen.push(message);
    if (this.#seen.length > REMEMBERED) this.#seen = this.#seen.slice(-REMEMBERED / 2);
  }

  #sign<P extends Payload>(payload: P): Signed<P> {
    return { from: this.index, payload, signature: this.#crypto.sign(payload) };
  }

  #to(part: number, message: SignedMessage<SimBlock>): void {
    const { random, nodes } = this.world;
    for (const { id } of random.some(nodes, part)) if (id !== this.id) this.world.transmit(this.id, id, { kind: 'consensus', message });
  }

  #round(): number {
    return Math.max(0, this.state.round + this.world.random.between(-1, 2));
  }

  /** Proposals of this height that were seen, and a block of its own. */
  #blocks(): SimBlock[] {
    const { height } = this.state;
    const seen = this.#seen.flatMap((message) => ('block' in message && message.block && message.payload.height === height ? [message.block] : []));
    const own = this.world.makeBlock(this.id, height, this.head);
    return [...seen, own, { ...own, good: this.world.random.chance(0.5) }];
  }

  #prepares(round: number, digest: string): Signed<PreparePayload>[] {
    const { height } = this.state;
    const all = this.#seen.flatMap((message): Signed<Payload>[] => {
      if ('justification' in message) return message.justification.prepares;
      return 'prepares' in message ? [...message.prepares, message] : [message];
    });
    const found = all.filter((signed): signed is Signed<PreparePayload> => {
      const { payload } = signed;
      return payload.type === 'prepare' && payload.height === height && payload.round === round && payload.digest === digest;
    });
    return this.#padded(distinct(found), this.#sign({ type: 'prepare', height, round, digest }));
  }

  #roundChanges(round: number): Signed<RoundChangePayload>[] {
    const { height } = this.state;
    const found = this.#seen
      .flatMap((message): Signed<Payload>[] => ('justification' in message ? message.justification.roundChanges : [message]))
      .filter(
        (signed): signed is Signed<RoundChangePayload> =>
          signed.payload.type === 'roundChange' && signed.payload.height === height && signed.payload.round === round,
      )
      .map(({ from, payload, signature }) => ({ from, payload, signature }));
    const chosen = this.world.random.chance(0.3) ? found.filter(({ payload }) => payload.preparedRound === null) : found;
    return this.#padded(distinct(chosen), this.#sign({ type: 'roundChange', height, round, preparedRound: null, preparedDigest: null }));
  }

  /** With its own signature, once or as often as a quorum needs. */
  #padded<P extends Payload>(signed: Signed<P>[], own: Signed<P>): Signed<P>[] {
    const others = signed.filter(({ from }) => from !== this.index);
    const wanted = this.world.random.chance(0.5) ? 1 : Math.max(1, sizeOf(this.state) - others.length);
    return [...others, ...Array.from({ length: wanted }, () => own)];
  }

  /** Different proposals to different validators, with what justification there is, sometimes out of turn. */
  #equivocate(): void {
    const { height, set } = this.state;
    const { random } = this.world;
    let round = this.#round();
    for (let i = 0; i < 3 && proposerOf(height, round, set.validators.length) !== this.index; i++) round = random.chance(0.1) ? round : round + 1;
    for (const block of random.some(this.#blocks(), 0.5).slice(-2)) {
      const digest = blockDigest(block);
      const roundChanges = round === 0 ? [] : this.#roundChanges(round);
      const prepared = random.pick([...roundChanges.map(({ payload }) => payload.preparedRound), Math.max(0, round - 1)]);
      const prepares = round === 0 || prepared === null ? [] : this.#prepares(prepared, digest);
      const proposal: ProposalMessage<SimBlock> = {
        ...this.#sign({ type: 'proposal', height, round, digest }),
        block,
        justification: { roundChanges, prepares },
      };
      this.#to(0.5, proposal);
    }
  }

  /** At once, before the proposer can. */
  #proposeOutOfTurn(): void {
    const { height, round } = this.state;
    const block = this.world.makeBlock(this.id, height, this.head);
    const roundChanges = round === 0 ? [] : this.#roundChanges(round);
    this.#to(1, {
      ...this.#sign({ type: 'proposal', height, round, digest: blockDigest(block) }),
      block,
      justification: { roundChanges, prepares: [] },
    });
  }

  #voteForEverything(): void {
    const { height } = this.state;
    const round = this.#round();
    for (const digest of new Set(this.#blocks().map(blockDigest))) {
      this.#to(0.6, this.#sign({ type: 'prepare', height, round, digest }));
      this.#to(0.6, this.#sign({ type: 'commit', height, round, digest, seal: this.#crypto.seal(height, round, digest) }));
    }
  }

  #lieAboutPrepared(): void {
    const { height } = this.state;
    const { random } = this.world;
    const round = random.chance(0.1) ? random.between(100, 0xffff_ffff) : this.#round() + 1;
    const block = random.pick(this.#blocks());
    const claims = random.chance(0.6);
    const preparedRound = claims ? random.below(Math.min(round, 5)) : null;
    const preparedDigest = claims ? blockDigest(block) : null;
    const prepares = preparedRound === null ? [] : this.#prepares(preparedRound, blockDigest(block));
    const lie: RoundChangeMessage<SimBlock> = {
      ...this.#sign({ type: 'roundChange', height, round, preparedRound, preparedDigest }),
      prepares,
      block: claims ? block : null,
    };
    this.#to(0.7, lie);
  }

  #replay(): void {
    if (this.#seen.length > 0) this.#to(0.5, this.world.random.pick(this.#seen));
  }

  /** Something seen with a part changed, or no message at all. */
  #mutilate(): void {
    const { random } = this.world;
    if (this.#seen.length === 0) return;
    const message = random.pick(this.#seen);
    const changes: (() => unknown)[] = [
      () => ({ ...message, from: random.below(sizeOf(this.state) + 1) }),
      () => ({ ...message, payload: { ...message.payload, round: message.payload.round + 1 } }),
      () => ({ ...message, payload: { ...message.payload, height: message.payload.height + 1 } }),
      () => ({ ...message, payload: { ...message.payload, digest: '11'.repeat(32) } }),
      () => ({ ...message, block: random.pick(this.#blocks()) }),
      () => ({ ...message, prepares: 'no' }),
      () => random.pick([null, 7, 'x', {}, { payload: {} }, { payload: { type: 'commit' } }]),
    ];
    this.#to(0.5, random.pick(changes)() as SignedMessage<SimBlock>);
  }

  /** In the name of a correct validator, with no valid signature. */
  #impersonate(): void {
    const { height } = this.state;
    const { random } = this.world;
    const from = random.below(sizeOf(this.state));
    const digest = blockDigest(random.pick(this.#blocks()));
    const round = this.#round();
    const seal = this.#crypto.seal(height, round, digest);
    const payload: Payload = random.pick<Payload>([
      { type: 'prepare', height, round, digest },
      { type: 'commit', height, round, digest, seal },
    ]);
    this.#to(0.8, { from, payload, signature: 'ab'.repeat(64) } as SignedMessage<SimBlock>);
  }

  #flood(): void {
    const { height, round } = this.state;
    const digest = blockDigest(this.#blocks()[0]!);
    const further = this.world.random.pick([0, 1]);
    for (let i = 0; i < 24; i++) this.#to(0.4, this.#sign({ type: 'prepare', height: height + further, round: round + i, digest }));
  }

  #badSeal(): void {
    const { height } = this.state;
    const round = this.#round();
    const digest = blockDigest(this.world.random.pick(this.#blocks()));
    this.#to(0.8, this.#sign({ type: 'commit', height, round, digest, seal: this.#crypto.seal(height, round + 1, digest) }));
  }
}

function distinct<P extends Payload>(signed: Signed<P>[]): Signed<P>[] {
  return [...new Map(signed.map((item) => [item.from, item])).values()];
}

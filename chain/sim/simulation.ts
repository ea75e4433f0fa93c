// One seed from chaos to calm: virtual time, a network that loses and repeats, power cuts, and the invariants after every step.
import type { Effect, Event, Flaw, Signed, SignedMessage, VoteRecord, ConsensusConfig } from '../consensus/types.js';
import { EventHeap } from './eventHeap.js';
import { FaultyNode } from './faultyNode.js';
import { InvariantError, Invariants, type InvariantCode } from './invariants.js';
import { Random } from './random.js';
import { livenessBoundMs, TIMES, type Scenario } from './scenario.js';
import type { ShellFlaw, SimFlaw } from './shellFlaw.js';
import { allMembers, type SimBlock } from './simBlock.js';
import { fakeCrypto, realCrypto, type SimCrypto } from './simCrypto.js';
import { SimDisk } from './simDisk.js';
import { membersAfter, SimNode, type FinalBlock, type Packet } from './simNode.js';
import type { Trace } from './trace.js';
import { FileVotes, ModelVotes, type VoteStore } from './voteStore.js';

export interface Outcome {
  failure: { code: InvariantCode; message: string } | undefined;
  /** Final blocks, virtual ms from calm to two more heights everywhere, steps of all cores, highest round of a decision. */
  heights: number;
  calmMs: number;
  steps: number;
  highestRound: number;
}

/** Heights that everybody must decide after the network has calmed. */
const HEIGHTS_AFTER_CALM = 2;
const CALM_DELAY_MS = 10;
const MAX_STEPS = 400_000;
/** Probability that a sync of a simulated disk fails, in the chaos. */
const SYNC_FAILS = 0.002;

export class World {
  readonly random: Random;
  readonly crypto: SimCrypto;
  readonly nodes: SimNode[];
  readonly #heap = new EventHeap();
  readonly #invariants: Invariants;
  readonly #rates: number[];
  #now = 0;
  #calm = false;
  /** Without power, until they are started again. */
  readonly #off = new Set<SimNode>();
  /** Nodes of different sides do not hear each other. */
  #side: number[] = [];
  #steps = 0;
  #nonce = 0;
  #highestRound = 0;
  /** Promises of a simulated disk have settled: what waits for them goes first. */
  #promises = false;
  #thrown: { error: unknown } | undefined;

  constructor(
    readonly scenario: Scenario,
    private readonly flaws: ReadonlySet<SimFlaw> | undefined,
    private readonly trace: Trace | undefined,
  ) {
    const { nodes, quorumPercent, seed, skew } = scenario;
    this.random = new Random(seed ^ 0x5eed);
    this.crypto = (scenario.realCrypto ? realCrypto : fakeCrypto)(nodes, quorumPercent);
    this.#invariants = new Invariants(scenario, this.crypto);
    const ids = Array.from({ length: nodes }, (_, i) => i);
    this.#rates = ids.map(() => 1 + skew * (this.random.below(201) / 100 - 1));
    this.nodes = ids.map((id) => {
      const config = this.#config(id);
      return scenario.faulty.includes(id) ? new FaultyNode(id, this, config) : new SimNode(id, this, config);
    });
  }

  /** Yields whenever promises have to run before the next event. */
  *run(): Generator<void, Outcome> {
    let failure: Outcome['failure'];
    let calmMs = 0;
    try {
      this.#prepareChaos();
      yield* this.#runUntil(() => this.#now >= this.scenario.chaosMs);
      calmMs = yield* this.#runCalm();
    } catch (error) {
      const known = error instanceof InvariantError ? error : new InvariantError('Crash', String((error as Error).stack), { cause: error });
      failure = { code: known.code, message: `at ${Math.round(this.#now)} ms: ${known.message}` };
      this.trace?.line(this.#now, `!!! ${known.code}: ${known.message}`);
    }
    return {
      failure,
      heights: Math.max(...this.#correct().map(({ height }) => height)),
      calmMs,
      steps: this.#steps,
      highestRound: this.#highestRound,
    };
  }

  schedule(afterMs: number, run: () => void): void {
    this.#heap.push(this.#now + afterMs, run);
  }

  transmit(from: number, to: number, packet: Packet): void {
    const { loss, duplication, delayMs } = this.scenario;
    if (to >= this.nodes.length) return;
    if (!this.#calm && (this.#side[from] !== this.#side[to] || this.random.chance(loss))) return;
    const times = !this.#calm && this.random.chance(duplication) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      const delay = 1 + this.random.below(this.#calm ? CALM_DELAY_MS : delayMs) * (this.random.chance(0.05) ? 3 : 1);
      this.schedule(delay, () => this.nodes[to]!.receive(from, packet));
    }
  }

  clockRate(node: number): number {
    return this.#rates[node]!;
  }
  workAfterMs(): number | undefined {
    return this.scenario.workEveryMs === 0 ? undefined : this.random.below(2 * this.scenario.workEveryMs);
  }
  makeBlock(maker: number, height: number, parent: string): SimBlock {
    const { nodes, resizes } = this.scenario;
    const all = allMembers(nodes);
    const left = this.random.below(nodes);
    const changed = this.random.chance(0.4) ? all : all.filter((node) => node !== left);
    const members = resizes && this.random.chance(0.3) ? changed : [];
    return { height, parent, maker, nonce: this.#nonce++, good: true, members };
  }
  isFlawed(flaw: ShellFlaw): boolean {
    return this.flaws?.has(flaw) ?? false;
  }
  /** Validators of the height that the node works on. */
  membersFor({ id, chain }: SimNode): readonly number[] {
    const delay = id % 2 === 1 ? 2 : this.isFlawed('oldSetAfterChange') ? 3 : this.isFlawed('newSetTooEarly') ? 1 : 2;
    return membersAfter(chain, this.scenario.nodes, delay);
  }
  voteStore(node: SimNode): VoteStore {
    const { syncMs, storage } = this.scenario;
    if (storage === 'model') return new ModelVotes(this.random, syncMs, (afterMs, run) => node.later(afterMs, run));
    const disk = new SimDisk({
      random: this.random,
      syncMs,
      syncFails: () => (this.#calm ? 0 : SYNC_FAILS),
      schedule: (afterMs, run) => this.schedule(afterMs, run),
      touched: () => (this.#promises = true),
      skips: { fileSync: this.isFlawed('syncSkipped'), directorySync: this.isFlawed('directorySyncSkipped') },
    });
    return new FileVotes(disk, this.random, {
      broken: (why) => this.#powerOff(node, `ends: ${String(why)}`),
      lost: (what) => this.#isCorrect(node) && this.#invariants.lostVote(node.id, what),
      thrown: (error) => (this.#thrown ??= { error }),
    });
  }
  isFinal(node: SimNode, { block, certificate }: FinalBlock): boolean {
    const set = this.crypto.set(membersAfter(node.chain, this.scenario.nodes));
    return block.parent === node.head && certificate.height === block.height && this.crypto.certificateFault(set, certificate) === undefined;
  }

  note(node: number, event: Event<SimBlock>): void {
    this.#steps++;
    this.trace?.event(this.#now, node, event);
  }
  noteEffect(node: number, effect: Effect<SimBlock>): void {
    this.trace?.effect(this.#now, node, effect);
  }
  stepped(node: SimNode): void {
    if (this.#isCorrect(node)) this.#invariants.memory(node.id, node.state);
  }
  sending(node: SimNode, message: SignedMessage<SimBlock>, isDurable: boolean): void {
    if (this.#isCorrect(node)) this.#invariants.sent(node.id, message, isDurable);
  }
  persisting(node: SimNode, record: VoteRecord<SimBlock>): void {
    if (this.#isCorrect(node) && record.prepared) this.#invariants.prepared(node.id, record.height, record.prepared);
  }
  decided(node: SimNode, commit: Omit<Extract<Effect<SimBlock>, { type: 'Commit' }>, 'type'>): void {
    if (!this.#isCorrect(node)) return;
    this.#invariants.decided(node.id, commit);
    this.#highestRound = Math.max(this.#highestRound, commit.round);
  }
  accused(node: SimNode, { from, payload }: Signed): void {
    if (this.#isCorrect(node)) this.#invariants.evidence(node.id, payload.height, from);
  }

  #config(node: number): ConsensusConfig<SimBlock> {
    const crypto = this.crypto.of(node);
    const sign = (payload: Parameters<typeof crypto.sign>[0]): string => {
      this.#invariants.signed(node, payload);
      return crypto.sign(payload);
    };
    const config = { ...TIMES, crypto: { ...crypto, sign } };
    return this.flaws ? { ...config, flaws: this.flaws as ReadonlySet<Flaw> } : config;
  }

  #isCorrect({ id }: SimNode): boolean {
    return !this.scenario.faulty.includes(id);
  }
  #correct(): SimNode[] {
    return this.nodes.filter((node) => this.#isCorrect(node));
  }

  #prepareChaos(): void {
    const { crashEveryMs, partitionEveryMs, adversary } = this.scenario;
    this.#heal();
    for (const node of this.nodes) this.schedule(this.random.below(50), () => this.#powerOn(node));
    this.#repeat(crashEveryMs, () => this.#crashOne());
    this.#repeat(partitionEveryMs, () => (this.random.chance(0.5) ? this.#partition() : this.#heal()));
    for (const node of this.nodes) if (node instanceof FaultyNode) this.#repeat(adversary.misdeedEveryMs, () => node.misbehave(), true);
  }

  /** At random times with this mean; in the calm only the faulty go on. */
  #repeat(meanMs: number, act: () => void, inCalm = false): void {
    if (meanMs === 0) return;
    this.schedule(1 + this.random.below(2 * meanMs), () => {
      if (this.#calm && !inCalm) return;
      act();
      this.#repeat(meanMs, act, inCalm);
    });
  }

  #crashOne(): void {
    const node = this.random.pick(this.nodes);
    const together = this.random.chance(0.1) ? this.nodes : [node];
    for (const one of together) if (one.up) this.#powerOff(one, 'loses power');
  }
  #powerOff(node: SimNode, how: string): void {
    this.trace?.line(this.#now, `n${node.id} ${how}`);
    node.powerOff();
    this.#off.add(node);
    this.schedule(this.#calm ? 1 : this.random.between(1, 600), () => this.#restart(node));
  }
  #restart(node: SimNode): void {
    if (!this.#off.delete(node)) return;
    this.#powerOn(node, !this.#isCorrect(node) && this.scenario.adversary.wiped);
  }
  #powerOn(node: SimNode, isSpoiled = false): void {
    node.powerOn(isSpoiled, () => {
      this.trace?.line(this.#now, `n${node.id} is up`);
      for (const other of this.nodes) this.#connect(node.id, other.id);
    });
  }

  #partition(): void {
    this.#side = this.nodes.map(() => this.random.below(2));
    this.trace?.line(this.#now, `the network parts: ${this.#side.join('')}`);
  }
  #heal(): void {
    const before = this.#side;
    this.#side = this.nodes.map(() => 0);
    for (const a of this.nodes) for (const b of this.nodes) if (a.id < b.id && before[a.id] !== before[b.id]) this.#connect(a.id, b.id);
  }
  #connect(a: number, b: number): void {
    if (a === b || this.#side[a] !== this.#side[b]) return;
    this.schedule(1, () => this.nodes[a]!.handle({ type: 'PeerConnected', peer: b }));
    this.schedule(1, () => this.nodes[b]!.handle({ type: 'PeerConnected', peer: a }));
  }

  *#runUntil(done: () => boolean): Generator<void, void> {
    while (!done()) {
      const next = this.#heap.pop();
      if (next === undefined) return;
      this.#now = next.time;
      next.run();
      while (this.#promises) {
        this.#promises = false;
        yield;
        if (this.#thrown) throw this.#thrown.error;
      }
      if (this.#steps > MAX_STEPS) throw new InvariantError('Liveness', `${MAX_STEPS} steps and no end`);
    }
  }

  *#runCalm(): Generator<void, number> {
    this.#calm = true;
    this.trace?.line(this.#now, 'calm: the network heals, everybody is back');
    const begin = this.#now;
    for (const node of this.nodes) this.#restart(node);
    this.#heal();
    const goal = Math.max(...this.#correct().map(({ height }) => height)) + HEIGHTS_AFTER_CALM;
    const reached = (): boolean => this.#correct().every(({ height }) => height >= goal);
    const bound = livenessBoundMs(this.scenario);
    yield* this.#runUntil(() => reached() || this.#now > begin + bound);
    if (!reached()) {
      const where = this.nodes.map(
        ({ id, height, state }) => `n${id} ${height}/${state.round}${this.scenario.faulty.includes(id) ? ' (faulty)' : ''}`,
      );
      throw new InvariantError('Liveness', `height ${goal} was not reached within ${Math.round(bound)} ms of calm: ${where.join(', ')}`);
    }
    return this.#now - begin;
  }
}

interface SimulateOptions {
  flaws?: ReadonlySet<SimFlaw>;
  trace?: Trace;
}

/** The same scenario and flaws give the same outcome, step for step. Of scenarios with storage 'model'. */
export function simulate(scenario: Scenario, options: SimulateOptions = {}): Outcome {
  const { value } = new World(scenario, options.flaws, options.trace).run().next();
  if (value === undefined) throw new TypeError(`seed ${scenario.seed} keeps its votes in files: use simulateWithFiles`);
  return value;
}

/** Of any scenario. */
export async function simulateWithFiles(scenario: Scenario, options: SimulateOptions = {}): Promise<Outcome> {
  const run = new World(scenario, options.flaws, options.trace).run();
  for (;;) {
    const { value } = run.next();
    if (value !== undefined) return value;
    await new Promise(setImmediate);
  }
}

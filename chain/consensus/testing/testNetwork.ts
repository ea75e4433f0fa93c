// For tests: cores with real keys on an in-memory bus that delivers in order, loses what a test wants lost, and fires timers on demand.
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { testValidators, type TestValidators } from '../../../receipts/testing/testValidators.js';
import { createSigning } from '../signing.js';
import { restore, step, type ConsensusState } from '../step.js';
import type { ConsensusConfig, Effect, Event, SignedMessage, VoteRecord } from '../types.js';

export interface TestBlock {
  text: string;
}
export const digestOf = (block: TestBlock): string => sha256OfJson(block);
export const CHAIN = 'enc-test';

type Commit = Extract<Effect<TestBlock>, { type: 'Commit' }>;
type Loss = (from: number, to: number, message: SignedMessage<TestBlock>) => boolean;

/** Making keys with proofs of possession takes longer than the tests. */
const validatorsOf = new Map<number, TestValidators>();

export interface TestNode {
  state: ConsensusState<TestBlock>;
  up: boolean;
  log: VoteRecord<TestBlock>[];
  timers: Map<string, number>;
  commits: Commit[];
  effects: Effect<TestBlock>[];
}

export class TestNetwork {
  readonly validators: TestValidators;
  readonly nodes: TestNode[];
  lost: Loss = () => false;
  /** What the shell answers to ValidateProposal. */
  isValid = (_node: number, _block: TestBlock): boolean => true;
  readonly #queue: (() => void)[] = [];

  constructor(readonly count: number) {
    const known = validatorsOf.get(count) ?? testValidators(count);
    validatorsOf.set(count, known);
    this.validators = known;
    this.nodes = Array.from({ length: count }, (_, i) => this.#node(i, []));
  }

  config(node: number): ConsensusConfig<TestBlock> {
    const { blsKeys, ed25519Keys } = this.validators;
    const keys = { ed25519: ed25519Keys[node]!, bls: blsKeys[node]! };
    const crypto = createSigning<TestBlock>({
      chainId: CHAIN,
      keys,
      blockMatches: (digest, block) => typeof block?.text === 'string' && digestOf({ text: block.text }) === digest,
    });
    return { baseTimeoutMs: 1_000, maxTimeoutMs: 8_000, blockIntervalMs: 2_000, crypto };
  }

  /** All of them, or those named, begin a height; messages are delivered until nothing moves. */
  start(height: number, nodes = this.nodes.keys()): void {
    for (const i of nodes) this.push(i, this.startOf(i, height));
    this.run();
  }
  startOf(node: number, height: number): Event<TestBlock> {
    return { type: 'Start', height, set: this.validators.set, self: node };
  }

  push(node: number, event: Event<TestBlock>): void {
    this.#queue.push(() => this.#step(node, event));
  }

  run(): void {
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) next();
  }

  /** Fires the timer whose id begins so, on each of the nodes. */
  fire(kind: 'round' | 'interval', nodes: Iterable<number> = this.nodes.keys()): void {
    for (const i of nodes) {
      const id = [...this.nodes[i]!.timers.keys()].find((name) => name.startsWith(kind));
      if (id === undefined || !this.nodes[i]!.up) continue;
      this.nodes[i]!.timers.delete(id);
      this.push(i, { type: 'Timer', id });
    }
    this.run();
  }

  /** Stops at once; only the vote log is left. */
  crash(node: number): void {
    this.nodes[node]!.up = false;
  }
  restart(node: number, height: number): void {
    const { log, commits } = this.nodes[node]!;
    this.nodes[node] = { ...this.#node(node, JSON.parse(JSON.stringify(log)) as typeof log), commits };
    this.push(node, this.startOf(node, height));
    for (const [other, { up }] of this.nodes.entries()) {
      if (!up || other === node) continue;
      this.push(node, { type: 'PeerConnected', peer: other });
      this.push(other, { type: 'PeerConnected', peer: node });
    }
    this.run();
  }

  /** What each has decided at the height; undefined where nothing. */
  decided(height: number): (string | undefined)[] {
    return this.nodes.map(({ commits }) => commits.find((commit) => commit.height === height)?.block.text);
  }

  sent(node: number): SignedMessage<TestBlock>[] {
    return this.nodes[node]!.effects.filter((effect) => effect.type === 'Broadcast').map(({ message }) => message);
  }

  #node(node: number, log: VoteRecord<TestBlock>[]): TestNode {
    return { state: restore(this.config(node), log), up: true, log, timers: new Map(), commits: [], effects: [] };
  }

  #step(index: number, event: Event<TestBlock>): void {
    const node = this.nodes[index]!;
    if (!node.up) return;
    const { state, effects } = step(node.state, event);
    node.state = state;
    node.effects.push(...effects);
    for (const effect of effects) this.#carryOut(index, node, effect);
  }

  #carryOut(index: number, node: TestNode, effect: Effect<TestBlock>): void {
    switch (effect.type) {
      case 'Broadcast':
        for (const to of this.nodes.keys()) if (to !== index) this.#send(index, to, effect.message);
        return;
      case 'Send':
        return this.#send(index, effect.to, effect.message);
      case 'SetTimer':
        return void node.timers.set(effect.id, effect.afterMs);
      case 'ClearTimer':
        return void node.timers.delete(effect.id);
      case 'Persist':
        node.log.push(effect.record);
        return this.push(index, { type: 'Persisted', token: effect.token });
      case 'RequestProposal': {
        const block = { text: `h${effect.height} r${effect.round} by ${index}` };
        return this.push(index, { type: 'ProposalReady', height: effect.height, round: effect.round, digest: digestOf(block), block });
      }
      case 'ValidateProposal':
        return this.push(index, { type: 'ProposalValidated', token: effect.token, ok: this.isValid(index, effect.block) });
      case 'Commit':
        return void node.commits.push(effect);
      case 'RequestSync':
      case 'Evidence':
        return;
    }
  }

  #send(from: number, to: number, message: SignedMessage<TestBlock>): void {
    if (this.lost(from, to, message)) return;
    this.push(to, { type: 'Message', peer: from, message: JSON.parse(JSON.stringify(message)) });
  }
}

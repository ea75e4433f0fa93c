// What a seed means: how many validators, which of them are faulty, how bad the network, the disks and the power are.
import { faulty, quorum } from '../../receipts/quorum.js';
import { Random } from './random.js';

export interface Scenario {
  seed: number;
  nodes: number;
  quorumPercent: number;
  /** Nodes that do what they like. */
  faulty: number[];
  /** Milliseconds of virtual time before everything calms down. */
  chaosMs: number;
  /** Probabilities for each message. */
  loss: number;
  duplication: number;
  /** Most milliseconds a message takes, and a record until it is durable. */
  delayMs: number;
  syncMs: number;
  /** Mean milliseconds between crashes and between partitions; 0 = none. */
  crashEveryMs: number;
  partitionEveryMs: number;
  /** Whether blocks let validators leave and join. */
  resizes: boolean;
  /** Mean milliseconds from a height's start to work; 0 = only the interval. */
  workEveryMs: number;
  /** Timers run at up to this part faster or slower. */
  skew: number;
  /** Where votes are kept: a model of a log, or the real one over a simulated disk. */
  storage: 'model' | 'files';
  /** How the faulty behave. */
  adversary: Adversity;
  realCrypto: boolean;
}
export interface Adversity {
  /** Part of its core's own messages that it keeps to itself. */
  withholds: number;
  /** Mean milliseconds between misdeeds; 0 = none. */
  misdeedEveryMs: number;
  /** Loses its vote log at a restart. */
  wiped: boolean;
}

export const TIMES = { baseTimeoutMs: 300, maxTimeoutMs: 2_400, blockIntervalMs: 400 };

export function scenarioOf(seed: number, sizes: readonly number[], { realCrypto = false, storage = 'model' }: Partial<Scenario> = {}): Scenario {
  const random = new Random(seed);
  const nodes = sizes[seed % sizes.length]!;
  const quorumPercent = random.pick([1, 1, 67, 75]);
  const resizes = nodes > 4 && random.chance(0.3);
  const smallest = resizes ? nodes - 1 : nodes;
  const most = Math.max(0, Math.min(faulty(smallest), smallest - quorum(smallest, quorumPercent)));
  const bad = random.chance(0.8) ? most : random.between(0, most);
  const first = random.below(nodes);
  const calm = random.chance(0.1);
  return {
    seed,
    nodes,
    quorumPercent,
    // Neighbours propose one after the other: the hardest for liveness.
    faulty: Array.from({ length: bad }, (_, i) => (first + i) % nodes),
    chaosMs: random.between(1_500, 6_000),
    loss: calm ? 0 : random.pick([0, 0.02, 0.1, 0.3]),
    duplication: random.pick([0, 0.05, 0.2]),
    delayMs: random.pick([10, 60, 300]),
    syncMs: random.pick([1, 5, 40]),
    crashEveryMs: calm ? 0 : random.pick([0, 300, 1_000]),
    partitionEveryMs: calm ? 0 : random.pick([0, 600, 1_500]),
    resizes,
    workEveryMs: random.pick([0, 20, 100]),
    skew: random.pick([0, 0.05, 0.2]),
    storage,
    adversary: {
      withholds: random.pick([0, 0.3, 0.7, 1]),
      misdeedEveryMs: random.pick([0, 15, 40, 120]),
      wiped: random.chance(0.2),
    },
    realCrypto,
  };
}

/** Milliseconds in which a calm network must decide two more heights: the faulty spoil their turns, rounds may have grown to the cap. */
export function livenessBoundMs({ faulty: bad }: Scenario): number {
  return 2 * (TIMES.blockIntervalMs + (bad.length + 3) * 1.25 * TIMES.maxTimeoutMs) + 3_000;
}

// The simulator holds over many seeds, replays exactly, and puts named troubles of other chains to the core.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventHeap } from './eventHeap.js';
import { Random } from './random.js';
import { runSeeds } from './runSeeds.js';
import { scenarioOf, type Scenario } from './scenario.js';
import { simulate, simulateWithFiles } from './simulation.js';
import { Trace } from './trace.js';

const SIZES = [1, 3, 4, 5, 7, 10];
const calm: Scenario = {
  seed: 1,
  nodes: 4,
  quorumPercent: 67,
  faulty: [],
  chaosMs: 4_000,
  loss: 0,
  duplication: 0,
  delayMs: 10,
  syncMs: 5,
  crashEveryMs: 0,
  partitionEveryMs: 0,
  resizes: false,
  workEveryMs: 20,
  skew: 0.05,
  storage: 'model',
  adversary: { withholds: 0, misdeedEveryMs: 0, wiped: false },
  realCrypto: false,
};

const range = { seeds: 1, from: 0, validators: SIZES, seed: undefined, trace: false, realEvery: 0, filesEvery: 5, threads: 1 };

describe('seeds', () => {
  it('from 0 to 299 hold for 1 to 10 validators, every fifth with the real storage layer', async () => {
    const lines: string[] = [];
    expect(await runSeeds({ ...range, seeds: 300 }, (line) => lines.push(line)), lines.join('\n')).toBe(0);
  }, 120_000);

  it.each([4, 5, 7])(
    'hold for %i validators with real keys and signatures too',
    (nodes) => {
      const scenario = { ...scenarioOf(nodes, [nodes], { realCrypto: true }), chaosMs: 1_500 };
      expect(simulate(scenario).failure).toBeUndefined();
    },
    120_000,
  );

  it('replay exactly', () => {
    for (const seed of [3, 8, 11]) {
      const [first, second] = [new Trace(), new Trace()];
      const outcome = simulate(scenarioOf(seed, SIZES), { trace: first });
      expect(simulate(scenarioOf(seed, SIZES), { trace: second })).toEqual(outcome);
      expect(second.lines).toEqual(first.lines);
      expect(first.lines.length).toBeGreaterThan(100);
    }
  });

  it('replay exactly with votes in files, too', async () => {
    const [first, second] = [new Trace(), new Trace()];
    const scenario: Scenario = { ...scenarioOf(8, SIZES), storage: 'files', crashEveryMs: 200 };
    const outcome = await simulateWithFiles(scenario, { trace: first });
    expect(await simulateWithFiles(scenario, { trace: second })).toEqual(outcome);
    expect(second.lines).toEqual(first.lines);
  });

  it('print what happened when one is asked for', async () => {
    const lines: string[] = [];
    expect(await runSeeds({ ...range, validators: [4], seed: 2, trace: true }, (line) => lines.push(line))).toBe(0);
    expect(lines.some((line) => /n\d+ {6}-> all: commit 1\/\d/.test(line))).toBe(true);
    expect(lines.at(-1)).toMatch(/^seed 2 holds/);
  });
});

describe('what other chains suffered from', () => {
  const hostile = { withholds: 1, misdeedEveryMs: 0, wiped: false };
  it.each<[string, Partial<Scenario>]>([
    ['a validator that returns with wiped data', { faulty: [2], crashEveryMs: 200, adversary: { withholds: 0, misdeedEveryMs: 0, wiped: true } }],
    ['validators that stay away as long as the quorum allows', { nodes: 7, faulty: [1, 2], adversary: hostile }],
    ['proposers one after the other that say nothing', { nodes: 10, quorumPercent: 1, faulty: [3, 4, 5], adversary: hostile }],
    [
      'validators that leave and join while votes are on their way',
      { nodes: 5, quorumPercent: 1, resizes: true, delayMs: 60, loss: 0.1, duplication: 0.2 },
    ],
    ['a network in pieces from the first moment', { partitionEveryMs: 100, delayMs: 60 }],
    ['votes on who is a validator while one is silent', { nodes: 7, faulty: [1], resizes: true, adversary: hostile }],
    ['votes on who is a validator that come to power cuts', { nodes: 4, resizes: true, crashEveryMs: 150 }],
    ['a validator that returns with wiped data while others are cut off', { nodes: 7, faulty: [2, 3], crashEveryMs: 300, partitionEveryMs: 200, adversary: { withholds: 0, misdeedEveryMs: 0, wiped: true } }],
    ['power cuts of everybody at once', { crashEveryMs: 80, syncMs: 40 }],
    ['clocks that run a fifth too fast or too slow', { skew: 0.2, faulty: [0], adversary: hostile }],
    ['made-up messages every few milliseconds', { nodes: 7, faulty: [0, 4], adversary: { withholds: 0.5, misdeedEveryMs: 5, wiped: false } }],
    ['no work at all', { workEveryMs: 0 }],
    ['a single validator whose power fails', { nodes: 1, crashEveryMs: 100 }],
  ])(
    '%s',
    (_name, changes) => {
      for (let seed = 0; seed < 10; seed++) expect(simulate({ ...calm, seed, ...changes }).failure).toBeUndefined();
    },
    60_000,
  );

  it('timers of growing rounds that had come apart: they meet again within seconds of the calm', () => {
    for (let seed = 0; seed < 3; seed++) {
      const outcome = simulate({ ...calm, seed, partitionEveryMs: 3_000, loss: 0.5, skew: 0.2, chaosMs: 30_000 });
      expect(outcome.failure).toBeUndefined();
      expect(outcome.calmMs).toBeLessThan(10_000);
    }
  }, 60_000);

  it('rounds that had grown for long: calm decides within seconds, not hours', () => {
    const outcome = simulate({ ...calm, loss: 0.9, chaosMs: 60_000 });
    expect(outcome.failure).toBeUndefined();
    expect(outcome.calmMs).toBeLessThan(10_000);
  });
});

describe('parts', () => {
  it('the heap gives events by time, then in the order they came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (times) => {
        const heap = new EventHeap();
        const order: [number, number][] = [];
        times.forEach((time, i) => heap.push(time, () => order.push([time, i])));
        for (let next = heap.pop(); next; next = heap.pop()) next.run();
        expect(order).toEqual(times.map((time, i): [number, number] => [time, i]).sort(([a, i], [b, j]) => a - b || i - j));
      }),
    );
  });

  it('the generator gives the same for the same seed, others for others, and stays in bounds', () => {
    const draw = (seed: number): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 50 }, () => random.between(3, 9));
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(new Set(draw(1))).toEqual(new Set([3, 4, 5, 6, 7, 8, 9]));
  });
});

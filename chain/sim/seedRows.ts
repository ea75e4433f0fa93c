// What a range of seeds came to, by number of validators; sums and maxima, so that the order in which parts are added does not matter.
import { scenarioOf, type Scenario } from './scenario.js';
import { simulate, simulateWithFiles, type Outcome } from './simulation.js';

export interface Row {
  seeds: number;
  faulty: number;
  heights: number;
  steps: number;
  highestRound: number;
  longestCalmMs: number;
}
export type Rows = Map<number, Row>;
/** Which seeds are special: every so many has real cryptography, every so many the real storage layer; 0 = none. */
export interface SeedKinds {
  validators: number[];
  realEvery: number;
  filesEvery: number;
}

export function scenarioFor(seed: number, { validators, realEvery, filesEvery }: SeedKinds): Scenario {
  const isLast = (every: number): boolean => every > 0 && seed % every === every - 1;
  return scenarioOf(seed, validators, { realCrypto: isLast(realEvery), storage: isLast(filesEvery) ? 'files' : 'model' });
}

/** Of `seeds` seeds from `from`; ends at the first that fails. */
export async function runPart(from: number, seeds: number, kinds: SeedKinds): Promise<{ rows: Rows; failed: number | undefined }> {
  const rows: Rows = new Map();
  for (let seed = from; seed < from + seeds; seed++) {
    const scenario = scenarioFor(seed, kinds);
    const outcome = scenario.storage === 'files' ? await simulateWithFiles(scenario) : simulate(scenario);
    if (outcome.failure) return { rows, failed: seed };
    addRow(rows, scenario.nodes, rowOf(scenario, outcome));
  }
  return { rows, failed: undefined };
}

function rowOf({ faulty }: Scenario, { heights, steps, highestRound, calmMs }: Outcome): Row {
  return { seeds: 1, faulty: faulty.length, heights, steps, highestRound, longestCalmMs: calmMs };
}

export function addRow(rows: Rows, nodes: number, row: Row): void {
  const known = rows.get(nodes);
  if (known === undefined) return void rows.set(nodes, row);
  rows.set(nodes, {
    seeds: known.seeds + row.seeds,
    faulty: Math.max(known.faulty, row.faulty),
    heights: known.heights + row.heights,
    steps: known.steps + row.steps,
    highestRound: Math.max(known.highestRound, row.highestRound),
    longestCalmMs: Math.max(known.longestCalmMs, row.longestCalmMs),
  });
}

// Runs a range of seeds and sums up per number of validators; the first failing seed is run again with a trace.
import type { SimulatorOptions } from './config.js';
import { scenarioOf, type Scenario } from './scenario.js';
import { simulate, type Outcome } from './simulation.js';
import { Trace } from './trace.js';

interface Row {
  seeds: number;
  faulty: number;
  heights: number;
  steps: number;
  highestRound: number;
  longestCalmMs: number;
}
const TRACE_LINES = 200;

/** The exit code: 0 when every seed holds, 1 otherwise. */
export function runSeeds({ seeds, from, validators, seed, trace, realEvery }: SimulatorOptions, print: (line: string) => void): number {
  const scenarioFor = (number: number): Scenario => scenarioOf(number, validators, realEvery > 0 && number % realEvery === realEvery - 1);
  if (seed !== undefined) return explain(scenarioFor(seed), trace ? Infinity : 0, print);
  const rows = new Map<number, Row>();
  for (let number = from; number < from + seeds; number++) {
    const scenario = scenarioFor(number);
    const outcome = simulate(scenario);
    if (outcome.failure) return explain(scenario, TRACE_LINES, print);
    add(rows, scenario, outcome);
  }
  print('validators   seeds  faulty   heights       steps  highest round  longest calm ms');
  for (const [nodes, row] of [...rows].sort(([a], [b]) => a - b)) {
    const cells: [number, number][] = [
      [nodes, 10],
      [row.seeds, 8],
      [row.faulty, 8],
      [row.heights, 10],
      [row.steps, 12],
      [row.highestRound, 15],
      [Math.round(row.longestCalmMs), 17],
    ];
    print(cells.map(([value, width]) => String(value).padStart(width)).join(''));
  }
  print(`${seeds} seeds from ${from}: agreement, validity, certificates, votes, memory and liveness hold`);
  return 0;
}

function explain(scenario: Scenario, lines: number, print: (line: string) => void): number {
  const trace = new Trace();
  const { failure, ...outcome } = simulate(scenario, { trace });
  for (const line of lines === 0 ? [] : trace.lines.slice(lines === Infinity ? 0 : -lines)) print(line);
  print(JSON.stringify(scenario));
  print(failure ? `seed ${scenario.seed} FAILED, ${failure.code} ${failure.message}` : `seed ${scenario.seed} holds: ${JSON.stringify(outcome)}`);
  return failure ? 1 : 0;
}

function add(rows: Map<number, Row>, { nodes, faulty }: Scenario, outcome: Outcome): void {
  const row = rows.get(nodes) ?? { seeds: 0, faulty: 0, heights: 0, steps: 0, highestRound: 0, longestCalmMs: 0 };
  rows.set(nodes, {
    seeds: row.seeds + 1,
    faulty: Math.max(row.faulty, faulty.length),
    heights: row.heights + outcome.heights,
    steps: row.steps + outcome.steps,
    highestRound: Math.max(row.highestRound, outcome.highestRound),
    longestCalmMs: Math.max(row.longestCalmMs, outcome.calmMs),
  });
}

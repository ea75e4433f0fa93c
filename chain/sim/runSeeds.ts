// Runs a range of seeds and sums up per number of validators; the lowest failing seed is run again with a trace.
import type { SimulatorOptions } from './config.js';
import { runThreads } from './runThreads.js';
import type { Scenario } from './scenario.js';
import { scenarioFor } from './seedRows.js';
import { simulateWithFiles } from './simulation.js';
import { Trace } from './trace.js';

const TRACE_LINES = 200;

/** The exit code: 0 when every seed holds, 1 otherwise. */
export async function runSeeds(options: SimulatorOptions, print: (line: string) => void): Promise<number> {
  const { seeds, from, seed, trace, threads } = options;
  if (seed !== undefined) return explain(scenarioFor(seed, options), trace ? Infinity : 0, print);
  const kinds = { validators: options.validators, realEvery: options.realEvery, filesEvery: options.filesEvery };
  const { rows, failed } = await runThreads({ from, seeds, kinds }, threads);
  if (failed !== undefined) return explain(scenarioFor(failed, options), TRACE_LINES, print);
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

async function explain(scenario: Scenario, lines: number, print: (line: string) => void): Promise<number> {
  const trace = new Trace();
  const { failure, ...outcome } = await simulateWithFiles(scenario, { trace });
  for (const line of lines === 0 ? [] : trace.lines.slice(lines === Infinity ? 0 : -lines)) print(line);
  print(JSON.stringify(scenario));
  print(failure ? `seed ${scenario.seed} FAILED, ${failure.code} ${failure.message}` : `seed ${scenario.seed} holds: ${JSON.stringify(outcome)}`);
  return failure ? 1 : 0;
}

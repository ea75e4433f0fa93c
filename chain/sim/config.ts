// The simulator's flags.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface SimulatorOptions {
  seeds: number;
  from: number;
  validators: number[];
  /** One seed alone. */
  seed: number | undefined;
  trace: boolean;
  /** Every so many seeds run with real cryptography; 0 = none. */
  realEvery: number;
  /** Every so many seeds keep their votes by the real storage layer; 0 = none. */
  filesEvery: number;
  threads: number;
}

const HELP =
  'usage: main.js [--seeds N] [--from S] [--validators 1,3,4,5,7,10] [--real-every N] [--files-every N] [--threads N] [--seed S [--trace]]';

/** Prints the usage and exits with 2 on anything it does not know. */
export function parseArguments(args: string[]): SimulatorOptions {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '5000' },
        from: { type: 'string', default: '0' },
        validators: { type: 'string', default: '1,3,4,5,7,10' },
        seed: { type: 'string' },
        trace: { type: 'boolean', default: false },
        'real-every': { type: 'string', default: '500' },
        'files-every': { type: 'string', default: '5' },
        threads: { type: 'string', default: String(availableParallelism()) },
      },
    });
    const seed = values.seed === undefined ? undefined : integer('--seed', values.seed, 0);
    return {
      seeds: integer('--seeds', values.seeds, 1),
      from: integer('--from', values.from, 0),
      validators: values.validators.split(',').map((size) => integer('--validators', size, 1)),
      seed,
      trace: values.trace,
      realEvery: integer('--real-every', values['real-every'], 0),
      filesEvery: integer('--files-every', values['files-every'], 0),
      threads: integer('--threads', values.threads, 1),
    };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${HELP}\n`);
    process.exit(2);
  }
}

function integer(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) throw new TypeError(`${flag} is "${text}", expected a whole number from ${least}`);
  return value;
}

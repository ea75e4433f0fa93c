// The flags of the model check.
import { parseArgs } from 'node:util';

export interface ModelOptions {
  seed: number;
  /** Random behaviours of the Quint model, and how many of them are replayed against the core. */
  samples: number;
  traces: number;
}

const HELP = 'usage: main.js [--seed S] [--samples N] [--traces N]';

/** Prints the usage and exits with 2 on anything it does not know. */
export function parseArguments(args: string[]): ModelOptions {
  try {
    const options = {
      seed: { type: 'string', default: '1' },
      samples: { type: 'string', default: '300' },
      traces: { type: 'string', default: '60' },
    } as const;
    const { values } = parseArgs({ args, options });
    return { seed: natural('--seed', values.seed), samples: natural('--samples', values.samples), traces: natural('--traces', values.traces) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${HELP}\n`);
    process.exit(2);
  }
}

function natural(flag: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`${flag} is "${text}", expected a whole number from 1`);
  return value;
}

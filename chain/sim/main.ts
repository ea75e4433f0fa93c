// The simulator's command: runs seeds, prints a table, and exits 1 with a trace when one fails.
import { parseArguments } from './config.js';
import { runSeeds } from './runSeeds.js';

process.exitCode = await runSeeds(parseArguments(process.argv.slice(2)), (line) => process.stdout.write(`${line}\n`));

#!/usr/bin/env node
// The program of the Agreement Court: agreement-court start, with the flags of the plan.
import { Command, CommanderError } from 'commander';
import { courtOptions, type CourtConfig } from '../services/agreementCourt/config.js';
import { startCourt } from '../services/agreementCourt/start.js';

const print = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

const program = new Command('agreement-court').description('agreements, cases and decisions of the mainnet').showHelpAfterError(false).exitOverride();
program.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'agreement-court: ')) });
const start = courtOptions(program.command('start').description('serve the court\'s API')).exitOverride().configureOutput(program.configureOutput());
start.action(async (config: CourtConfig) => {
  const stop = await startCourt(config, print);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().then(() => process.exit(0)));
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    process.stderr.write(`agreement-court: ${(error as Error).message.replaceAll('\n', ' ')}\n`);
    process.exitCode = (error as { code?: string }).code === 'BadRequest' ? 2 : 1;
  }
}

#!/usr/bin/env node
// The command of the mainnet: start and make networks, look at them, export and replay the chain.
import { Command, CommanderError } from 'commander';
import { addArchiveCommands } from './bpci/archive.js';
import { addClusterCommands } from './bpci/cluster/commands.js';
import { endingOf } from './bpci/cliError.js';
import { addInitCommands } from './bpci/init.js';
import { addInspectCommands } from './bpci/inspect.js';
import { addRelayCommand } from './bpci/relay.js';
import { addIdentityCommand } from './bpci/identity.js';
import { addStakeCommand } from './bpci/stake.js';
import { addTenantCommand } from './bpci/tenant.js';
import { addStartCommand } from './bpci/start.js';
import { addValidatorsCommand } from './bpci/validators.js';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function command(): Command {
  const program = new Command('bpci').description('validators of the BPCI mainnet').showHelpAfterError(false).exitOverride();
  program.configureOutput({ outputError: (text, write) => write(`${text.trim().replace(/^error: /, 'bpci: ').replaceAll('\n', ' ')}\n`) });
  addStartCommand(program, (line) => print(`${new Date().toISOString()} ${line}`));
  addRelayCommand(program, (line) => print(`${new Date().toISOString()} ${line}`));
  addInitCommands(program, print);
  addInspectCommands(program, print);
  addValidatorsCommand(program, print);
  addStakeCommand(program, print);
  addTenantCommand(program, print);
  addIdentityCommand(program, print);
  addArchiveCommands(program, print);
  addClusterCommands(program, (line) => print(`${new Date().toISOString()} ${line}`));
  for (const sub of subcommands(program)) sub.exitOverride().configureOutput(program.configureOutput());
  return program;
}

function subcommands(of: Command): Command[] {
  return of.commands.flatMap((sub) => [sub, ...subcommands(sub)]);
}

try {
  await command().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version were asked for and end well; everything else is bad input, already said in one line.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const { exitCode, line } = endingOf(error);
    process.stderr.write(`bpci: ${line}\n`);
    process.exitCode = exitCode;
  }
}

#!/usr/bin/env node
// The kubectl plugin: verify and list receipts, explain placements and refusals, show the mainnet's status, sign agreements and exceptions, break the glass, try policies and manifests out, vote, go to court, erase a person's name.
import { Command, CommanderError } from 'commander';
import { addAgreementCommand } from './enc/agreementCommand.js';
import { addBreakGlassCommand } from './enc/breakGlassCommand.js';
import { addDisputeCommands } from './enc/disputeCommands.js';
import { encEnding } from './enc/encEnding.js';
import { addErasureCommands } from './enc/erasureCommands.js';
import { addDiffPolicyCommand } from './enc/diffPolicyCommand.js';
import { addExceptionCommand } from './enc/exceptionCommand.js';
import { addExplainCommand } from './enc/explainCommand.js';
import { addHistoryCommand } from './enc/historyCommand.js';
import { addProposalCommands } from './enc/proposalCommands.js';
import { addReceiptsCommand } from './enc/receiptsCommand.js';
import { addReplayCommand } from './enc/replayCommand.js';
import { addReportCommand } from './enc/reportCommand.js';
import { addStatusCommand } from './enc/statusCommand.js';
import { addTestCommand } from './enc/testCommand.js';
import { addVerifyCommand } from './enc/verifyCommand.js';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

function subcommands(command: Command): Command[] {
  return command.commands.flatMap((sub) => [sub, ...subcommands(sub)]);
}

function encCommand(): Command {
  const program = new Command('kubectl enc').description('what the mainnet decided about this cluster, and the proof of it').showHelpAfterError(false).exitOverride();
  program.configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'kubectl enc: ')) });
  addVerifyCommand(program, print);
  addReceiptsCommand(program, print);
  addHistoryCommand(program, print);
  addReplayCommand(program, print);
  addReportCommand(program, print);
  addExplainCommand(program, print);
  addStatusCommand(program, print);
  addAgreementCommand(program, print);
  addTestCommand(program, print);
  addDiffPolicyCommand(program, print);
  addExceptionCommand(program, print);
  addBreakGlassCommand(program, print);
  addProposalCommands(program, print);
  addDisputeCommands(program, print);
  addErasureCommands(program, print);
  for (const sub of subcommands(program)) sub.exitOverride().configureOutput(program.configureOutput());
  return program;
}

try {
  await encCommand().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help was asked for and ends well; everything else is bad input, already said in one line.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    const { exitCode, line } = encEnding(error);
    process.stderr.write(`kubectl enc: ${line}\n`);
    process.exitCode = exitCode;
  }
}

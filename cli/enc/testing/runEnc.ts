// Runs one command of the plugin inside a test and gives what it printed, or how it ended.
import { Command, CommanderError } from 'commander';
import { encEnding } from '../encEnding.js';
import type { Print } from '../options.js';

export interface Run {
  exitCode: number;
  /** What it printed, or the line it ended with. */
  text: string;
}

export async function runEnc(add: (program: Command, print: Print) => void, arguments_: string[]): Promise<Run> {
  const lines: string[] = [];
  const program = new Command('kubectl enc').exitOverride();
  const quiet = { writeOut: () => undefined, writeErr: (text: string) => void lines.push(text.trim()) };
  program.configureOutput(quiet);
  add(program, (text) => void lines.push(text));
  for (const sub of program.commands.flatMap((command) => [command, ...command.commands])) sub.exitOverride().configureOutput(quiet);
  try {
    await program.parseAsync(arguments_, { from: 'user' });
    return { exitCode: 0, text: lines.join('\n') };
  } catch (error) {
    if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, text: lines.join('\n') };
    const { exitCode, line } = encEnding(error);
    return { exitCode, text: line };
  }
}

// What ends a command: one line and the exit code, 2 when the input is at fault.
import { InvalidArgumentError } from 'commander';
import { NodeError } from '../../chain/node/nodeError.js';

export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    message: string,
    readonly exitCode: 1 | 2 = 2,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Exit code and line for anything thrown. */
export function endingOf(error: unknown): { exitCode: number; line: string } {
  const message = (error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ');
  if (error instanceof CliError || error instanceof NodeError) return { exitCode: error.exitCode, line: message };
  if (error instanceof InvalidArgumentError) return { exitCode: 2, line: message };
  return { exitCode: 1, line: error instanceof Error ? (error.stack ?? message) : message };
}

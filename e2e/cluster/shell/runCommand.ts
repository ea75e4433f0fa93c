// Runs a command to its end and returns what it printed.
import { execFile } from 'node:child_process';
import { ClusterError } from '../clusterError.js';
import { programEnvironment } from '../config.js';

export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}
export interface CommandOptions {
  input?: string;
  timeoutMs?: number;
  environment?: NodeJS.ProcessEnv;
  cwd?: string;
}

const LIMIT_BYTES = 64 * 1024 * 1024;

/** Never throws: a command that is not there ends with code 127. */
export function tryCommand(command: string, arguments_: string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { input, timeoutMs = 60_000, environment = programEnvironment(), cwd } = options;
  return new Promise((resolve) => {
    const child = execFile(command, arguments_, { env: environment, cwd, timeout: timeoutMs, maxBuffer: LIMIT_BYTES }, (error, stdout, stderr) => {
      if (!error) resolve({ code: 0, stdout, stderr });
      else if (error.code === 'ENOENT') resolve({ code: 127, stdout, stderr: `${command}: not found` });
      else resolve({ code: typeof error.code === 'number' ? error.code : 1, stdout, stderr: stderr || error.message });
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

/** Throws ClusterError 'command-failed' with what the command printed. */
export async function runCommand(command: string, arguments_: string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(command, arguments_, options);
  if (code === 0) return stdout;
  const said = (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
  throw new ClusterError('command-failed', `${command} ${arguments_.slice(0, 6).join(' ')} ended with code ${code}: ${said}`);
}

// Programs that outlive the command that started them: each has a file with its identity, a log, and is started again when anything that it was started with has changed.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentKey } from '../build/contentKey.js';
import { ClusterError } from '../clusterError.js';
import { programEnvironment } from '../config.js';
import { eventually } from '../shell/eventually.js';
import { identify, isAlive, type ProcessIdentity } from './processIdentity.js';

export interface Program {
  name: string;
  command: string;
  arguments: string[];
  /** Files whose content the program reads at its start. */
  inputs?: string[];
  environment?: Record<string, string>;
}

interface Running extends ProcessIdentity {
  fingerprint: string;
}

const GRACE_MS = 10_000;
const LOG_LIMIT_BYTES = 64 * 1024 * 1024;

export class Programs {
  constructor(
    private readonly pidDir: string,
    private readonly logDir: string,
  ) {}

  logFile(name: string): string {
    return path.join(this.logDir, `${name}.log`);
  }

  /** The last lines of a program's log, for an error message. */
  logTail(name: string, lines = 3): string {
    return existsSync(this.logFile(name)) ? readFileSync(this.logFile(name), 'utf8').trim().split('\n').slice(-lines).join('\n') : '';
  }

  running(name: string): Running | undefined {
    const file = this.#pidFile(name);
    if (!existsSync(file)) return undefined;
    const known = JSON.parse(readFileSync(file, 'utf8')) as Running;
    return isAlive(known) ? known : undefined;
  }

  /** Runs now, and was started with this command line and these files. */
  runs(program: Program): boolean {
    return this.running(program.name)?.fingerprint === fingerprintOf(program);
  }

  start(program: Program): void {
    for (const folder of [this.pidDir, this.logDir]) mkdirSync(folder, { recursive: true });
    const logFile = this.logFile(program.name);
    if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_LIMIT_BYTES) rmSync(logFile);
    const log = openSync(logFile, 'a');
    const environment = programEnvironment(program.environment);
    const child = spawn(program.command, program.arguments, { detached: true, stdio: ['ignore', log, log], env: environment, cwd: '/' });
    child.on('error', () => undefined);
    child.unref();
    closeSync(log);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) throw new ClusterError('process-died', `${program.name}: ${program.command} did not start; see ${logFile}`);
    writeFileSync(this.#pidFile(program.name), JSON.stringify({ ...identity, fingerprint: fingerprintOf(program) } satisfies Running));
  }

  /** SIGTERM, after a while SIGKILL; returns when the process is gone. */
  async stop(name: string, graceMs = GRACE_MS): Promise<void> {
    const known = this.running(name);
    if (known) {
      signal(known, 'SIGTERM');
      const gone = async () => !isAlive(known);
      await eventually(`${name} to stop`, gone, { timeoutMs: graceMs, everyMs: 20 }).catch(async () => {
        signal(known, 'SIGKILL');
        await eventually(`${name} to be gone after SIGKILL`, gone, { timeoutMs: graceMs, everyMs: 20 });
      });
    }
    rmSync(this.#pidFile(name), { force: true });
  }

  #pidFile(name: string): string {
    return path.join(this.pidDir, `${name}.json`);
  }
}

function fingerprintOf({ command, arguments: arguments_, inputs = [], environment = {} }: Program): string {
  return contentKey([command, ...arguments_, JSON.stringify(environment), ...inputs.map((file) => readFileSync(file, 'utf8'))]);
}

function signal(known: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isAlive(known)) return;
  try {
    process.kill(known.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

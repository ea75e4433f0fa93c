// Keeps a list of programs alive on one machine, as a kubelet would: starts them in order, restarts one that ends, stops all in reverse order on SIGTERM.
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Program {
  name: string;
  arguments: string[];
  log: string;
}
export interface SupervisorFile {
  pidDir: string;
  programs: Program[];
}

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
const STABLE_AFTER_MS = 10_000;
const GRACE_MS = 8_000;

/** One supervised program: its process, and the delay before the next start (doubled on every quick death). */
class Supervised {
  #child: ChildProcess | undefined;
  #delay = FIRST_DELAY_MS;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly program: Program,
    private readonly pidFile: string,
  ) {}

  start(): void {
    const log = openSync(this.program.log, 'a');
    const started = Date.now();
    const child = spawn(process.execPath, this.program.arguments, { stdio: ['ignore', log, log] });
    this.#child = child;
    writeFileSync(this.pidFile, `${child.pid}\n`);
    child.on('exit', (code, signal) => {
      this.#child = undefined;
      rmSync(this.pidFile, { force: true });
      if (this.#stopping) return;
      this.#delay = Date.now() - started > STABLE_AFTER_MS ? FIRST_DELAY_MS : Math.min(this.#delay * 2, LONGEST_DELAY_MS);
      console.log(`${new Date().toISOString()} ${this.program.name} ended (${signal ?? `code ${code}`}); starting it again in ${this.#delay} ms`);
      this.#timer = setTimeout(() => this.start(), this.#delay);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(force);
  }
}

function main(file: string): void {
  const { pidDir, programs } = JSON.parse(readFileSync(file, 'utf8')) as SupervisorFile;
  mkdirSync(pidDir, { recursive: true });
  const supervised = programs.map((program) => {
    mkdirSync(path.dirname(program.log), { recursive: true });
    return new Supervised(program, path.join(pidDir, `${program.name}.pid`));
  });
  for (const one of supervised) one.start();
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    for (const one of supervised.toReversed()) await one.stop();
    process.exit(0);
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
}

const file = process.argv[2];
if (!file) {
  console.error('supervisor: name the JSON file with the programs to keep alive');
  process.exit(2);
}
main(file);

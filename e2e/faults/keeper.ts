// Keeps the programs under test alive, as a kubelet would: starts each again when it ends, unless it is held down; all end with this process.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import type { Program } from '../stack/supervisor.js';

const START_AGAIN_MS = 200;
const LONGEST_MS = 3_000;
const STABLE_MS = 5_000;
const GRACE_MS = 10_000;
const SETPRIV = '/usr/bin/setpriv';

/** A program that ended without being told to. */
export interface OwnEnd {
  program: string;
  how: string;
  at: number;
}

interface Kept {
  program: Program;
  environment: Record<string, string>;
  child: ChildProcess | undefined;
  held: boolean;
  /** A signal that ends it was sent. */
  told: boolean;
  delay: number;
  timer: NodeJS.Timeout | undefined;
}

export class Keeper {
  readonly #kept = new Map<string, Kept>();
  readonly ownEnds: OwnEnd[] = [];
  #stopping = false;

  constructor() {
    process.once('exit', () => this.#kept.forEach(({ child }) => child?.kill('SIGKILL')));
  }

  start(program: Program): void {
    const kept: Kept = { program, environment: {}, child: undefined, held: false, told: false, delay: START_AGAIN_MS, timer: undefined };
    this.#kept.set(program.name, kept);
    this.#spawn(kept);
  }

  /** Undefined while it is down. */
  pid(name: string): number | undefined {
    return this.#of(name).child?.pid;
  }

  /** Not stopping and continuing: those leave it running. */
  signal(name: string, signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#of(name).child?.kill(signal);
  }

  /** kill -9; resolves when it is gone. It is started again soon. */
  async kill(name: string): Promise<void> {
    const kept = this.#of(name);
    if (kept.child) await ended(kept, 'SIGKILL');
  }

  /** kill -9, and down until released. */
  async hold(name: string): Promise<void> {
    const kept = this.#of(name);
    kept.held = true;
    clearTimeout(kept.timer);
    await this.kill(name);
  }

  release(name: string, environment: Record<string, string> = {}): void {
    const kept = this.#of(name);
    if (!kept.held) return;
    Object.assign(kept, { held: false, environment });
    this.#spawn(kept);
  }

  /** In the opposite order of their starts. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const kept of [...this.#kept.values()].toReversed()) {
      clearTimeout(kept.timer);
      if (!kept.child) continue;
      kept.child.kill('SIGCONT');
      const force = setTimeout(() => kept.child?.kill('SIGKILL'), GRACE_MS);
      await ended(kept, 'SIGTERM');
      clearTimeout(force);
    }
  }

  #of(name: string): Kept {
    const kept = this.#kept.get(name);
    if (!kept) throw new Error(`no program ${name} is kept here; there are ${[...this.#kept.keys()].join(', ')}`);
    return kept;
  }

  #spawn(kept: Kept): void {
    const { program, environment } = kept;
    mkdirSync(path.dirname(program.log), { recursive: true });
    const log = openSync(program.log, 'a');
    const own = [process.execPath, ...program.arguments];
    const [command, ...rest] = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', ...own] : own;
    const child = spawn(command!, rest, { stdio: ['ignore', log, log], env: { ...process.env, ...environment } });
    closeSync(log);
    const began = Date.now();
    Object.assign(kept, { child, told: false });
    child.once('exit', (code, signal) => {
      kept.child = undefined;
      if (this.#stopping) return;
      if (!kept.told) this.ownEnds.push({ program: program.name, how: signal ?? `code ${code}`, at: Date.now() });
      if (kept.held) return;
      kept.delay = kept.told || Date.now() - began > STABLE_MS ? START_AGAIN_MS : Math.min(kept.delay * 2, LONGEST_MS);
      kept.timer = setTimeout(() => this.#spawn(kept), kept.delay);
    });
  }
}

function ended(kept: Kept, signal: NodeJS.Signals): Promise<void> {
  const child = kept.child!;
  kept.told = true;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  return gone;
}

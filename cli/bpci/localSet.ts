// A whole set of validators on this machine: one child process each, started again when it dies, stopped together.
import { spawn, type ChildProcess } from 'node:child_process';
import type { StateReport } from '../../chain/node/stateReport.js';
import { CliError } from './cliError.js';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
const STABLE_AFTER_MS = 10_000;
const GRACE_MS = 8_000;
/** How long a start may wait for the ports and locks of an earlier run that is just ending. */
const TAKEOVER_MS = 10_000;
const STDERR_KEPT = 2_000;

export interface SetMember {
  name: string;
  home: string;
}
export interface LocalSetOptions {
  members: SetMember[];
  /** Arguments of node for one home: the program and its flags. */
  command: (home: string) => string[];
  print: (line: string) => void;
}

/** Resolves with 0 when stopped; rejects with CliError when a validator cannot start at all. */
export class LocalSet {
  readonly #children: SupervisedValidator[];
  readonly #ended: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: CliError) => void;
  #started = 0;

  constructor(options: LocalSetOptions) {
    this.#ended = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#children = options.members.map((member) => new SupervisedValidator(member, options, (line) => this.#hopeless(line)));
  }

  run(): Promise<void> {
    this.#started = Date.now();
    for (const child of this.#children) child.start();
    return this.#ended;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()));
    this.#resolve();
  }

  /** A validator that needs a cure ends the set only while it starts: a running set goes on without it. */
  #hopeless(line: string): 'end' | 'retry' {
    if (this.#children.every(({ wasUp }) => wasUp) || Date.now() - this.#started > 6 * TAKEOVER_MS) return 'retry';
    void Promise.all(this.#children.map((child) => child.stop())).then(() => this.#reject(new CliError(line)));
    return 'end';
  }
}

class SupervisedValidator {
  wasUp = false;
  #child: ChildProcess | undefined;
  #delay = FIRST_DELAY_MS;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #last = '';
  #lastWhy = '';
  readonly #firstStart = Date.now();

  constructor(
    private readonly member: SetMember,
    private readonly options: Pick<LocalSetOptions, 'command' | 'print'>,
    private readonly hopeless: (line: string) => 'end' | 'retry',
  ) {}

  start(): void {
    if (this.#stopping) return;
    const child = spawn(process.execPath, this.options.command(this.member.home), { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    const started = Date.now();
    let stderr = '';
    let fatal: (StateReport & { state: 'fatal' }) | undefined;
    this.#child = child;
    child.stderr!.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT)));
    child.on('message', (message) => {
      const report = message as StateReport;
      if (report.state === 'fatal') fatal = report;
      else this.#changed(report);
    });
    child.on('error', (error) => this.#print(`cannot be started: ${error.message}`));
    child.on('close', (code, signal) => {
      this.#child = undefined;
      if (this.#stopping) return;
      const why = fatal?.text ?? (signal ? `killed by ${signal}` : `ended with code ${code}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
      if (code === 2 && !this.#takeoverPossible(fatal) && this.hopeless(why) === 'end') return;
      this.#restart(why, Date.now() - started > STABLE_AFTER_MS);
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (!child) return;
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await ended;
    clearTimeout(force);
    this.#print('stopped');
  }

  #restart(why: string, wasStable: boolean): void {
    this.#delay = wasStable ? FIRST_DELAY_MS : Math.min(this.#delay * 2, LONGEST_DELAY_MS);
    this.#last = '';
    if (why !== this.#lastWhy) this.#print(`${why}; starting it again in ${this.#delay} ms`);
    this.#lastWhy = why;
    this.#timer = setTimeout(() => this.start(), this.#delay);
  }

  #takeoverPossible(fatal: (StateReport & { state: 'fatal' }) | undefined): boolean {
    return (fatal?.code === 'AlreadyRunning' || fatal?.code === 'PortInUse') && Date.now() - this.#firstStart < TAKEOVER_MS;
  }

  #changed(report: Exclude<StateReport, { state: 'fatal' }>): void {
    this.wasUp = true;
    this.#lastWhy = '';
    const key = report.state === 'halted' ? report.text : report.state;
    if (key === this.#last) return;
    this.#last = key;
    this.#print(report.text);
  }

  #print(text: string): void {
    this.options.print(`${this.member.name}${this.#child?.pid === undefined ? '' : ` (pid ${this.#child.pid})`}: ${text}`);
  }
}

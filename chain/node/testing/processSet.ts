// Validators as processes for tests: a network in a temporary directory, each validator started, killed and asked by index.
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Genesis } from '../../types.js';
import type { NodeStatus } from '../api/context.js';
import { freePorts } from './freePorts.js';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = here.slice(0, here.lastIndexOf(`${path.sep}chain${path.sep}`));
/** Compiled: processes cannot be started from TypeScript. */
export const BPCI = path.join(path.basename(root) === 'dist' ? root : path.join(root, 'dist'), 'cli', 'bpci.js');

export interface ProcessEnd {
  code: number | null;
  stdout: string;
  stderr: string;
}

export function bpci(...flags: string[]): ProcessEnd {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BPCI, ...flags], { encoding: 'utf8', timeout: 60_000 });
  return { code: status, stdout, stderr };
}

/** The same while the test goes on with other things. */
export function bpciBeside(...flags: string[]): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [BPCI, ...flags], { encoding: 'utf8', timeout: 60_000 }, (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }));
  });
}

export class ProcessSet {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'enc-set-'));
  readonly dataDir = path.join(this.directory, 'net');
  readonly #children = new Map<number, ChildProcess>();
  #ports: number[] = [];

  static async create(size: number, ...flags: string[]): Promise<ProcessSet> {
    if (!existsSync(BPCI)) throw new Error(`${BPCI} is missing: run "make build" first`);
    const set = new ProcessSet();
    // However the test ends, no validator outlives it.
    process.once('exit', () => set.#children.forEach((child) => child.kill('SIGKILL')));
    const made = bpci('init', '--data-dir', set.dataDir, '--chain-id', 'test-net', '--validator-set-size', String(size), ...flags);
    if (made.code !== 0) throw new Error(`bpci init: ${made.stderr}`);
    set.#ports = await freePorts(3 * size);
    for (let index = 0; index < size; index++) set.#writePorts(index, size);
    return set;
  }

  /** Makes the home of a node that is no member; returns its index and the file that says who it is. */
  async addCandidate(): Promise<{ index: number; file: string }> {
    const index = this.size;
    const [api, metrics, peer] = (await freePorts(3)) as [number, number, number];
    const file = path.join(this.directory, `validator-${index}.json`);
    const flags = ['--from', this.home(0), '--home', this.home(index), '--name', `validator-${index}`, '--out', file];
    const made = bpci('validators', 'candidate', ...flags, '--peer-address', `127.0.0.1:${peer}`, '--api-port', String(api), '--metrics-port', String(metrics));
    if (made.code !== 0) throw new Error(`bpci validators candidate: ${made.stderr}`);
    this.#ports.push(api, metrics, peer);
    return { index, file };
  }

  get genesis(): Genesis {
    return JSON.parse(readFileSync(path.join(this.dataDir, 'genesis.json'), 'utf8')) as Genesis;
  }
  get size(): number {
    return this.#ports.length / 3;
  }
  get all(): number[] {
    return Array.from({ length: this.size }, (_, i) => i);
  }
  home(index: number): string {
    return path.join(this.dataDir, `validator-${index}`);
  }
  endpoint(index: number): string {
    return `http://127.0.0.1:${this.#ports[3 * index]}`;
  }
  key(name: string): { publicKey: string; privateKey: string } {
    return JSON.parse(readFileSync(path.join(this.dataDir, 'keys', `${name}.key`), 'utf8')) as { publicKey: string; privateKey: string };
  }

  start(...indices: number[]): void {
    this.startWith([], ...indices);
  }
  /** With flags for Node. */
  startWith(nodeFlags: readonly string[], ...indices: number[]): void {
    for (const index of indices) {
      const log = openSync(this.logFile(index), 'w');
      this.#children.set(index, spawn(process.execPath, [...nodeFlags, BPCI, 'start', '--home', this.home(index)], { stdio: ['ignore', log, log] }));
      closeSync(log);
    }
  }
  /** What it printed since its last start. */
  logFile(index: number): string {
    return path.join(this.directory, `validator-${index}.log`);
  }
  /** Resolves when it ends by itself. */
  async ended(index: number): Promise<{ code: number | null; output: string }> {
    const child = this.#children.get(index)!;
    if (child.exitCode === null && child.signalCode === null) await new Promise((resolve) => child.once('exit', resolve));
    return { code: child.exitCode, output: readFileSync(this.logFile(index), 'utf8') };
  }
  pid(index: number): number {
    return this.#children.get(index)!.pid!;
  }
  async kill(signal: NodeJS.Signals, ...indices: number[]): Promise<void> {
    const ended = indices.map((index) => {
      const child = this.#children.get(index)!;
      this.#children.delete(index);
      const end = child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill(signal);
      return end;
    });
    await Promise.all(ended);
  }
  async destroy(): Promise<void> {
    await this.kill('SIGKILL', ...this.#children.keys());
    rmSync(this.directory, { recursive: true, force: true });
  }

  async get<T>(index: number, url: string): Promise<T> {
    const response = await fetch(this.endpoint(index) + url, { signal: AbortSignal.timeout(5_000) });
    if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
  status(index: number): Promise<NodeStatus> {
    return this.get(index, '/v1/status');
  }

  #writePorts(index: number, size: number): void {
    const file = path.join(this.home(index), 'node.json');
    const at = (which: number, of = index) => ({ host: '127.0.0.1', port: this.#ports[3 * of + which]! });
    const node = JSON.parse(readFileSync(file, 'utf8')) as object;
    const peers = Array.from({ length: size }, (_, i) => at(2, i));
    writeFileSync(file, JSON.stringify({ ...node, api: at(0), metrics: at(1), peer: at(2), peers }));
  }
}

/** Polls until the answer is not undefined or false. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`timed out waiting for ${what}`, { cause: last });
}

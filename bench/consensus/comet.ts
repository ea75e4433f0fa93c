// CometBFT with its kvstore application under test: the same processes, the same load, on addresses 127.0.0.2 and on.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '../../chain/node/testing/processSet.js';
import { OPERATION_BYTES, type ChainUnderTest } from './chainUnderTest.js';
import { FAST, withSettings } from './cometConfig.js';
import { CometRpc } from './cometRpc.js';

const P2P_PORT = 26656;
const RPC_PORT = 26657;
const KEY_CHARACTERS = 24;

const hostOf = (index: number): string => `127.0.0.${index + 2}`;

export class CometChain implements ChainUnderTest {
  readonly name: string;
  readonly #children = new Map<number, ChildProcess>();
  readonly #waiting = new Map<string, () => void>();
  readonly #padding = 'x'.repeat(OPERATION_BYTES - KEY_CHARACTERS - 1);
  #rpcs: (CometRpc | undefined)[] = [];
  #next = 0;
  #watched = -1;

  private constructor(
    private readonly binary: string,
    private readonly size: number,
    private readonly directory: string,
  ) {
    this.name = `CometBFT, ${size} validators`;
  }

  static async start(binary: string, size: number): Promise<CometChain> {
    const chain = new CometChain(binary, size, mkdtempSync(path.join(tmpdir(), 'enc-comet-')));
    chain.#configure();
    for (let index = 0; index < size; index++) chain.#run(index);
    await Promise.all(Array.from({ length: size }, (_, index) => chain.#join(index)));
    await until('the first block', () => chain.commit().then(() => true));
    return chain;
  }

  async commit(): Promise<void> {
    const key = randomBytes(KEY_CHARACTERS / 2).toString('hex');
    const committed = new Promise<void>((resolve) => this.#waiting.set(key, resolve));
    const live = this.#rpcs.filter((rpc) => rpc !== undefined);
    try {
      await live[this.#next++ % live.length]!.broadcast(`${key}=${this.#padding}`);
    } catch (error) {
      this.#waiting.delete(key);
      throw error;
    }
    await committed;
  }

  pids(): (number | undefined)[] {
    return Array.from({ length: this.size }, (_, index) => this.#children.get(index)?.pid);
  }

  async leader(): Promise<number> {
    const proposer = await this.#rpcs.find((rpc) => rpc !== undefined)!.proposer();
    const addresses = Array.from({ length: this.size }, (_, index) => {
      const key = JSON.parse(readFileSync(path.join(this.#home(index), 'config', 'priv_validator_key.json'), 'utf8')) as { address: string };
      return key.address;
    });
    return addresses.indexOf(proposer);
  }

  async kill(validator: number): Promise<void> {
    const child = this.#children.get(validator)!;
    this.#children.delete(validator);
    this.#rpcs[validator]?.close();
    this.#rpcs[validator] = undefined;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    if (validator === this.#watched) await this.#watch();
  }

  async revive(validator: number): Promise<void> {
    this.#run(validator);
    await this.#join(validator);
  }

  async stop(): Promise<void> {
    for (const rpc of this.#rpcs) rpc?.close();
    await Promise.all([...this.#children.keys()].map((index) => this.kill(index)));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #configure(): void {
    const flags = ['testnet', '--v', String(this.size), '--o', this.directory, '--populate-persistent-peers', '--starting-ip-address', hostOf(0)];
    const made = spawnSync(this.binary, flags, { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`cometbft testnet: ${made.stderr || made.stdout}`);
    for (let index = 0; index < this.size; index++) {
      const file = path.join(this.#home(index), 'config', 'config.toml');
      const at = (port: number) => ({ laddr: `"tcp://${hostOf(index)}:${port}"` });
      const own = { ...FAST, rpc: { ...FAST['rpc'], ...at(RPC_PORT) }, p2p: { ...FAST['p2p'], ...at(P2P_PORT) } };
      const { toml, unknown } = withSettings(readFileSync(file, 'utf8'), own);
      if (unknown.length > 0) throw new Error(`CometBFT's config.toml has no ${unknown.join(', ')}; the settings are for another version`);
      writeFileSync(file, toml);
    }
  }

  #home(index: number): string {
    return path.join(this.directory, `node${index}`);
  }

  #run(index: number): void {
    this.#children.set(index, spawn(this.binary, ['node', '--home', this.#home(index), '--proxy_app', 'kvstore'], { stdio: 'ignore' }));
  }

  async #join(index: number): Promise<void> {
    const rpc = await until(`CometBFT node ${index}`, async () => {
      const connected = await CometRpc.connect(hostOf(index), RPC_PORT);
      if ((await connected.peers()) === this.size - 1) return connected;
      connected.close();
      return false;
    });
    this.#rpcs[index] = rpc;
    if (this.#watched < 0) await this.#watch();
  }

  /** Blocks are watched at one node, as our client follows one validator. */
  async #watch(): Promise<void> {
    this.#watched = this.#rpcs.findIndex((rpc) => rpc !== undefined);
    await this.#rpcs[this.#watched]?.blocks((transactions) => {
      for (const transaction of transactions) {
        const key = Buffer.from(transaction.slice(0, (KEY_CHARACTERS / 3) * 4), 'base64').toString('latin1');
        this.#waiting.get(key)?.();
        this.#waiting.delete(key);
      }
    });
  }
}

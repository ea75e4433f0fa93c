// Changes the validator set of a mainnet on Kubernetes as its operators would: each signs in its own pod, where its key is, and one sends.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ValidatorSetRecord } from '../../chain/types.js';
import { quorum } from '../../receipts/quorum.js';
import { runCommand } from '../cluster/shell/runCommand.js';
import { must } from '../stack/kubectl.js';
import { waitFor } from '../stack/waitFor.js';
import { NAMESPACE, RELEASE } from './chart.js';
import type { RunningMainnet } from './runningMainnet.js';

const STAKE_BPI = '1000';
const PEER_PORT = 21_300;
const QUORUM_PERCENT = 67;
const BPCI_IN_POD = ['/usr/bin/node', '/app/dist/cli/bpci.js'];

export const validatorName = (index: number): string => `${RELEASE}-validator-${index}`;

export class ChangingSet {
  constructor(private readonly mainnet: RunningMainnet) {}

  /** Names of the members of the set that decides the next block. */
  inForce(): Promise<string[]> {
    return waitFor('the set in force', () => this.#told());
  }

  async #told(): Promise<string[]> {
    const { endpoints } = this.mainnet.layout;
    const sets = JSON.parse(await this.#bpci('validators', '-o', 'json')) as ValidatorSetRecord[];
    const { height } = (await (await fetch(`${endpoints[0]}/v1/status`)).json()) as { height: number };
    return sets.findLast(({ since }) => since <= height + 1)!.set.validators.map(({ address }) => address);
  }

  /** Resolves with the names of the new set when it is in force. */
  async change({ add = [], remove = [] }: { add?: string[]; remove?: string[] }): Promise<string[]> {
    const before = await this.inForce();
    const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-set-'));
    try {
      const newcomers = await Promise.all(add.map((name) => this.#introduced(name, folder)));
      for (const { name, key } of newcomers) await this.#bpci('stake', 'bond', ...this.#payer, '--account', key, '--name', name, '--amount', STAKE_BPI);
      const file = path.join(folder, 'change.json');
      const flags = [...newcomers.flatMap((one) => ['--add', one.file]), ...remove.flatMap((name) => ['--remove', name])];
      await this.#bpci('validators', 'propose', ...flags, '--reason', 'the set changes its size', '--out', file);
      // Who goes signs too: without its consent it would take a vote with evidence.
      for (const name of new Set([...before.slice(0, quorum(before.length, QUORUM_PERCENT)), ...remove])) writeFileSync(file, await this.#inPod(name, ['validators', 'sign', '-', '--home', '/data'], readFileSync(file, 'utf8')));
      await this.#bpci('validators', 'submit', file, ...this.#payer);
      const wanted = [...before.filter((name) => !remove.includes(name)), ...add];
      const inForce = async () => {
        const now = await this.#told();
        return now.join() === wanted.join() && now;
      };
      // Each look is a program that verifies the chain from the genesis on.
      return await waitFor(`the set ${wanted.join(', ')}`, inForce, { everyMs: 2_000 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  get #payer(): string[] {
    return ['--key', this.mainnet.layout.keyFile('bank')];
  }

  async #introduced(name: string, folder: string): Promise<{ name: string; key: string; file: string }> {
    const peer = `${name}.${RELEASE}-members.${NAMESPACE}.svc:${PEER_PORT}`;
    const said = await waitFor(`${name} to say who it is`, () => this.#inPod(name, ['validators', 'introduce', '--home', '/data', '--peer-address', peer]), { timeoutMs: 120_000, everyMs: 1_000 });
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, said);
    return { name, key: (JSON.parse(said) as { ed25519PublicKey: string }).ed25519PublicKey, file };
  }

  #inPod(name: string, arguments_: string[], input?: string): Promise<string> {
    return must(this.mainnet.kubectl, ['exec', '-i', name, '-n', NAMESPACE, '-c', 'validator', '--', ...BPCI_IN_POD, ...arguments_], input);
  }

  #bpci(...arguments_: string[]): Promise<string> {
    const { layout } = this.mainnet;
    return runCommand(process.execPath, [layout.program('cli/bpci.js'), ...arguments_, '--endpoint', layout.endpoints[0]!]);
  }
}

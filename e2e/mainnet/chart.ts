// Installs, upgrades and uninstalls the chart with helm, as a person would.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { ensureBinaries } from '../cluster/build/ensureBinaries.js';
import { programEnvironment, providerContext } from '../cluster/config.js';
import type { Cluster } from '../cluster/provider.js';
import { runCommand, tryCommand, type CommandOptions } from '../cluster/shell/runCommand.js';
import { checkout } from '../stack/layout.js';

export const NAMESPACE = 'enc-system';
export const RELEASE = 'mainnet';
const WITHIN_MS = 300_000;
const PRESENT = path.join(checkout, 'charts/mainnet');

export class Chart {
  #values: Record<string, unknown> = {};

  private constructor(
    private readonly helm: string,
    private readonly cluster: Cluster,
    private readonly stateDir: string,
  ) {}

  static async open(cluster: Cluster, stateDir: string): Promise<Chart> {
    const { helm } = await ensureBinaries(['helm'], providerContext({ log: console.log }));
    return new Chart(helm!, cluster, stateDir);
  }

  get values(): Record<string, unknown> {
    return this.#values;
  }

  /** Every later command keeps these. */
  async install(values: Record<string, unknown>, chart = PRESENT): Promise<void> {
    this.#values = values;
    await this.#run(['install', RELEASE, chart, '-f', this.#file()]);
  }

  /** To this chart. With `wait`, as `helm upgrade --wait`: resolves when every new pod is ready. */
  async upgrade(change: Record<string, unknown> = {}, { wait = true } = {}): Promise<void> {
    this.#values = { ...this.#values, ...change };
    await this.#run(['upgrade', RELEASE, PRESENT, '-f', this.#file(), ...(wait ? ['--wait', '--timeout', '5m'] : [])]);
  }

  /** Everything that it and its pods said. Rejects with that when a pod failed. */
  async test(): Promise<string> {
    const { code, stdout, stderr } = await tryCommand(this.helm, ...this.#command(['test', RELEASE, '--timeout', '5m']));
    // Pods' logs come with helm's own remarks.
    const said = `${stderr}\n${stdout}`;
    if (code !== 0) throw new Error(`helm test failed: ${said}`);
    return said;
  }

  /** Name and version of the chart that is installed. */
  async installed(): Promise<string> {
    const [release] = JSON.parse(await this.#run(['list', '--filter', `^${RELEASE}$`, '-o', 'json'])) as { chart: string }[];
    return release!.chart;
  }

  /** `--wait`: until everything is gone. */
  async uninstall(): Promise<void> {
    await this.#run(['uninstall', RELEASE, '--wait', '--timeout', '3m']);
  }

  #file(): string {
    const file = path.join(this.stateDir, 'values.yaml');
    mkdirSync(this.stateDir, { recursive: true });
    writeFileSync(file, stringify(this.#values));
    return file;
  }

  #run(arguments_: string[]): Promise<string> {
    return runCommand(this.helm, ...this.#command(arguments_));
  }

  #command(arguments_: string[]): [string[], CommandOptions] {
    return [[...arguments_, '--namespace', NAMESPACE], { environment: programEnvironment({ KUBECONFIG: this.cluster.kubeconfig }), timeoutMs: WITHIN_MS + 30_000 }];
  }
}

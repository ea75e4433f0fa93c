// Installs, upgrades and uninstalls the chart with helm, as a person would.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stringify } from 'yaml';
import { ensureBinaries } from '../cluster/build/ensureBinaries.js';
import { programEnvironment, providerContext } from '../cluster/config.js';
import type { Cluster } from '../cluster/provider.js';
import { runCommand } from '../cluster/shell/runCommand.js';
import { checkout } from '../stack/layout.js';

export const NAMESPACE = 'enc-system';
export const RELEASE = 'mainnet';
const WITHIN_MS = 300_000;

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
  async install(values: Record<string, unknown>): Promise<void> {
    this.#values = values;
    await this.#run(['install', RELEASE, this.#chart, '-f', this.#file()]);
  }

  /** As `helm upgrade --wait`: resolves when every new pod is ready. */
  async upgrade(change: Record<string, unknown>): Promise<void> {
    this.#values = { ...this.#values, ...change };
    await this.#run(['upgrade', RELEASE, this.#chart, '-f', this.#file(), '--wait', '--timeout', '5m']);
  }

  test(): Promise<string> {
    return this.#run(['test', RELEASE, '--timeout', '2m']);
  }

  /** `--wait`: until everything is gone. */
  async uninstall(): Promise<void> {
    await this.#run(['uninstall', RELEASE, '--wait', '--timeout', '3m']);
  }

  get #chart(): string {
    return path.join(checkout, 'charts/mainnet');
  }

  #file(): string {
    const file = path.join(this.stateDir, 'values.yaml');
    mkdirSync(this.stateDir, { recursive: true });
    writeFileSync(file, stringify(this.#values));
    return file;
  }

  #run(arguments_: string[]): Promise<string> {
    return runCommand(this.helm, [...arguments_, '--namespace', NAMESPACE], { environment: programEnvironment({ KUBECONFIG: this.cluster.kubeconfig }), timeoutMs: WITHIN_MS + 30_000 });
  }
}

// What faults are put into: a control plane, four validators whose links run through relays, two operators, two webhook replicas behind one address, an agent and a traffic light.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { homeFiles, type NodeFile } from '../../chain/node/config.js';
import type { Genesis } from '../../chain/types.js';
import type { KubeApi } from '../../operator/runtime/kubeApi.js';
import { kubeApiFromFile } from '../../operator/runtime/kubeApiFromFile.js';
import { expiryOf, makeAuthority, makeServing, SERVING_DAYS, type PemPair } from '../../webhooks/tls/selfMade.js';
import { defaultNodes } from '../cluster/defaultNodes.js';
import { localLayout } from '../cluster/local/layout.js';
import { LocalProvider } from '../cluster/local/localProvider.js';
import { Programs } from '../cluster/processes/programs.js';
import type { Cluster } from '../cluster/provider.js';
import { kubectlFor, type Kubectl } from '../stack/kubectl.js';
import { layoutOf, type Layout } from '../stack/layout.js';
import { clusterPrograms } from '../stack/programs.js';
import { applyResources, writeKubeconfigs } from '../stack/stack.js';
import type { Program } from '../stack/supervisor.js';
import { waitFor } from '../stack/waitFor.js';
import { Keeper } from './keeper.js';
import { Relay } from './relay.js';
import { SmallDisk } from './smallDisk.js';

export const VALIDATORS = 4;
export const CHAIN_ID = 'faults';
const PORT_OFFSET = 7_000;
const LINK_PORTS = 21_500 + PORT_OFFSET;
const REPLICA_PORTS = 21_600 + PORT_OFFSET;
const DAY_MS = 86_400_000;
/** Its data is on a small disk of its own. */
export const ON_SMALL_DISK = VALIDATORS - 1;

export const validatorName = (index: number) => `validator-${index}`;
export const OPERATORS = ['operator-a', 'operator-b'];
export const WEBHOOKS = ['webhooks-a', 'webhooks-b'];

/** The same command line with other values of some flags; a flag that is not there is added. */
function withFlags(arguments_: readonly string[], flags: Record<string, string>): string[] {
  const result = [...arguments_];
  for (const [flag, value] of Object.entries(flags)) {
    const at = result.indexOf(flag);
    if (at < 0) result.push(flag, value);
    else result[at + 1] = value;
  }
  return result;
}

export class Bed {
  readonly layout: Layout;
  readonly keeper = new Keeper();
  readonly disk: SmallDisk;
  readonly #provider: LocalProvider;
  /** Key "i→j": the way on which validator i reaches j. */
  readonly #links = new Map<string, Relay>();
  #service: Relay | undefined;
  #cluster: Cluster | undefined;
  #authority: PemPair | undefined;
  #keepState = false;
  api!: KubeApi;
  kubectl!: Kubectl;

  constructor(
    readonly stateDir: string,
    private readonly log: (text: string) => void,
  ) {
    this.layout = layoutOf({ stateDir, validators: VALIDATORS, portOffset: PORT_OFFSET });
    this.#provider = new LocalProvider({ stateDir: this.layout.clusterDir, log: () => undefined });
    this.disk = new SmallDisk(homeFiles(this.home(ON_SMALL_DISK)).data);
  }

  get genesis(): Genesis {
    return JSON.parse(readFileSync(this.layout.genesis, 'utf8')) as Genesis;
  }
  get cluster(): Cluster {
    return this.#cluster!;
  }
  home(validator: number): string {
    return path.join(this.layout.mainnetDir, validatorName(validator));
  }

  /** Keys, genesis and homes; returns milliseconds from the first validator's start to the first certified block at all. */
  async startChain(): Promise<number> {
    mkdirSync(this.stateDir, { recursive: true });
    const { ports, mainnetDir } = this.layout;
    const flags = ['--data-dir', mainnetDir, '--chain-id', CHAIN_ID, '--validator-set-size', String(VALIDATORS), '--api-port', String(ports.api), '--metrics-port', String(ports.metrics)];
    const began = performance.now();
    const made = spawnSync(process.execPath, [this.layout.program('cli/bpci.js'), 'init', ...flags], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`bpci init: ${made.stderr}`);
    await this.disk.mount();
    for (let from = 0; from < VALIDATORS; from++) await this.#reroute(from);
    for (let index = 0; index < VALIDATORS; index++) this.keeper.start(this.#validator(index));
    await waitFor('a certified block at every validator', async () => (await this.heights()).every((height) => height >= 1), { timeoutMs: 90_000, everyMs: 20 });
    return performance.now() - began;
  }

  async startCluster(): Promise<void> {
    this.#cluster = await this.restoreCluster();
    const { kubeconfig, binDir } = this.#cluster;
    this.kubectl = kubectlFor(kubeconfig, binDir);
    this.api = kubeApiFromFile(kubeconfig);
    await applyResources(this.layout, this.kubectl);
    await writeKubeconfigs(this.layout, kubeconfig, this.kubectl);
    await this.certify(new Date());
    this.#service = await Relay.listen(this.layout.ports.webhooks, [REPLICA_PORTS + 1, REPLICA_PORTS + 2]);
    for (const program of this.#programs()) this.keeper.start(program);
    await this.ready();
  }

  /** Starts again what of the control plane is down; leaves alone what runs. */
  restoreCluster(): Promise<Cluster> {
    const nodes = defaultNodes().filter(({ kind }) => kind === 'kwok');
    return this.#provider.up({ stateDir: this.layout.clusterDir, nodes, realNode: false, log: () => undefined });
  }
  controlPlanePid(program: 'etcd' | 'kube-apiserver'): number {
    const { pids, logs } = localLayout(this.layout.clusterDir);
    return new Programs(pids, logs).running(program)!.pid;
  }

  /** A serving certificate for the webhooks, made at `now`, in the files that they watch; returns when it ends. */
  async certify(now: Date): Promise<Date> {
    const folder = path.join(this.stateDir, 'tls');
    mkdirSync(folder, { recursive: true });
    this.#authority ??= await makeAuthority(new Date(Date.now() - 200 * DAY_MS));
    const { certificate, key } = await makeServing(this.#authority, '127.0.0.1', now);
    for (const [name, text] of [['tls.key', key], ['tls.crt', certificate], ['ca.crt', this.#authority.certificate]] as const) {
      writeFileSync(path.join(folder, `${name}.new`), text, { mode: 0o600 });
      renameSync(path.join(folder, `${name}.new`), path.join(folder, name));
    }
    return expiryOf(certificate);
  }
  expiredCertificate(): Promise<Date> {
    return this.certify(new Date(Date.now() - (SERVING_DAYS + 1) * DAY_MS));
  }

  /** All relays on ways to and from a validator. */
  linksOf(validator: number): Relay[] {
    return [...this.#links].filter(([way]) => way.split('→').includes(String(validator))).map(([, relay]) => relay);
  }
  linkBetween(one: number, other: number): Relay[] {
    return [this.#links.get(`${one}→${other}`)!, this.#links.get(`${other}→${one}`)!];
  }

  /** 0 where a validator does not answer. */
  heights(): Promise<number[]> {
    const height = async (endpoint: string) => ((await (await fetch(`${endpoint}/v1/status`, { signal: AbortSignal.timeout(1_000) })).json()) as { height: number }).height;
    return Promise.all(this.layout.endpoints.map((endpoint) => height(endpoint).catch(() => 0)));
  }

  /** Every program answers, and every validator is connected to all others and at the head. */
  async ready(timeoutMs = 90_000): Promise<void> {
    const ready = (port: number) => async () => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
    for (const [index, endpoint] of this.layout.endpoints.entries()) {
      await waitFor(`validator ${index} to be at the head and connected to all`, async () => {
        const status = (await (await fetch(`${endpoint}/v1/status`, { signal: AbortSignal.timeout(1_000) })).json()) as { height: number; peersConnected: number };
        const heights = await this.heights();
        return status.peersConnected === VALIDATORS - 1 && status.height > 0 && Math.max(...heights) - status.height <= 3;
      }, { timeoutMs, everyMs: 50 });
    }
    for (const index of [1, 2]) await waitFor(`webhook replica ${index} to be ready`, ready(REPLICA_PORTS + 10 + index), { timeoutMs });
    // The one that waits for the lease is ready too.
    for (const index of [1, 2]) await waitFor(`operator ${index} to be ready`, ready(REPLICA_PORTS + 20 + index), { timeoutMs });
    await waitFor('the traffic light to be ready', ready(this.layout.ports.trafficLight), { timeoutMs });
  }

  metricsPort(operator: string): number {
    return REPLICA_PORTS + 21 + OPERATORS.indexOf(operator);
  }

  /** Every port that is open to others: validators' API, metrics and links, webhooks, health, traffic light. */
  openPorts(): number[] {
    const { ports } = this.layout;
    const validators = this.layout.endpoints.flatMap((endpoint, i) => [Number(new URL(endpoint).port), ports.metrics + i, ports.peers + i]);
    return [...validators, ports.webhooks, REPLICA_PORTS + 1, REPLICA_PORTS + 2, REPLICA_PORTS + 11, REPLICA_PORTS + 21, ports.trafficLight];
  }

  /** The validators alone: nothing writes to their data any more. */
  async stopPrograms(): Promise<void> {
    await this.keeper.stop();
  }
  async stop(): Promise<void> {
    await this.keeper.stop();
    this.api?.close();
    for (const relay of [...this.#links.values(), ...(this.#service ? [this.#service] : [])]) await relay.close();
    await this.#provider.down();
    this.disk.unmount();
    if (!this.#keepState) rmSync(this.stateDir, { recursive: true, force: true });
    this.log(`everything is stopped${this.#keepState ? `; logs are in ${this.stateDir}` : ''}`);
  }
  keepState(): void {
    this.#keepState = true;
  }

  /** What a run that was killed left behind. */
  async clear(): Promise<void> {
    await this.#provider.down();
    this.disk.clear();
    rmSync(this.stateDir, { recursive: true, force: true });
  }

  async #reroute(from: number): Promise<void> {
    const file = homeFiles(this.home(from)).config;
    const node = JSON.parse(readFileSync(file, 'utf8')) as NodeFile;
    for (const [to, peer] of node.peers.entries()) {
      if (to === from) continue;
      const port = LINK_PORTS + VALIDATORS * from + to;
      this.#links.set(`${from}→${to}`, await Relay.listen(port, [peer.port]));
      node.peers[to] = { ...peer, port };
    }
    writeFileSync(file, JSON.stringify(node, null, 2));
  }

  #validator(index: number): Program {
    const name = validatorName(index);
    return { name, log: this.layout.logFile(name), arguments: [this.layout.program('cli/bpci.js'), 'start', '--home', this.home(index)] };
  }

  #programs(): Program[] {
    const nodesFile = path.join(this.stateDir, 'nodes.json');
    writeFileSync(nodesFile, JSON.stringify(defaultNodes().filter(({ kind }) => kind === 'kwok').map(({ name, region, zone }) => ({ name, region, zone }))));
    const programs = clusterPrograms(this.layout, this.cluster, nodesFile);
    const named = (name: string) => programs.find((program) => program.name === name)!;
    const replica = (of: string, name: string, flags: Record<string, string>): Program => {
      const { arguments: arguments_ } = named(of);
      return { name, log: this.layout.logFile(name), arguments: withFlags(arguments_, flags) };
    };
    const tls = (file: string) => path.join(this.stateDir, 'tls', file);
    return [
      ...WEBHOOKS.map((name, i) =>
        replica('webhooks', name, {
          '--port': String(REPLICA_PORTS + 1 + i), '--metrics-port': String(REPLICA_PORTS + 11 + i), '--state-dir': path.join(this.stateDir, name),
          '--tls-cert': tls('tls.crt'), '--tls-key': tls('tls.key'), '--tls-ca': tls('ca.crt'),
        }),
      ),
      ...OPERATORS.map((name, i) => replica('operator', name, { '--metrics-port': String(REPLICA_PORTS + 21 + i) })),
      named('node-agent'),
      named('traffic-light'),
    ];
  }
}


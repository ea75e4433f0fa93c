// A Kubernetes of processes on this machine: a real control plane, fake nodes by kwok, and a real node where the machine allows it.
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adminKubectl, type AdminKubectl } from '../adminKubectl.js';
import { ensureBinaries, type BuildContext } from '../build/ensureBinaries.js';
import { findGo } from '../build/goCommand.js';
import { clusterBinaries, nodeBinaries } from '../build/tools.js';
import { ClusterError } from '../clusterError.js';
import { providerContext, readClusterConfig } from '../config.js';
import { defaultNodes } from '../defaultNodes.js';
import { ensureImages } from '../images/ensureImages.js';
import { installPackages } from '../node/installPackages.js';
import { examineMachine, whyNoRealNode } from '../node/machine.js';
import { otherKubeletRuns } from '../node/otherKubelet.js';
import { startRealNode, stopRealNode, type RealNodeSettings } from '../node/realNode.js';
import { applyKwokNodes, waitForNodes } from '../nodes.js';
import { checkNodes } from '../nodesFile.js';
import { ensurePki, type Pki } from '../pki/ensurePki.js';
import { kubeconfigFor } from '../pki/kubeconfig.js';
import { ensureRunning } from '../processes/ensureRunning.js';
import { Programs } from '../processes/programs.js';
import type { Cluster, ClusterStatus, NodeSpec, Probe, Provider, ProviderContext, UpOptions } from '../provider.js';
import { exclusively } from '../shell/exclusively.js';
import { eventually, secondsSince } from '../shell/eventually.js';
import { controlPlaneComponents, PROGRAM_ORDER } from './controlPlaneComponents.js';
import { localLayout, type LocalLayout } from './layout.js';
import { choosePorts, type Ports } from './ports.js';
import { defaultNamespaceExists } from './readiness.js';

const KUBECONFIG_USERS = ['admin', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kwok'];

/** What one `up` works with. */
interface Run {
  context: ProviderContext & BuildContext;
  layout: LocalLayout;
  programs: Programs;
  ports: Ports;
  pki: Pki;
  binaries: Record<string, string>;
  kubectl: AdminKubectl;
}

export class LocalProvider implements Provider {
  readonly name = 'local';
  #context: ProviderContext;

  constructor(context: Partial<ProviderContext> = {}) {
    this.#context = providerContext(context);
  }

  async probe(): Promise<Probe> {
    if (process.platform !== 'linux') return { usable: false, why: `local: needs Linux, this is ${process.platform}` };
    const go = await findGo();
    if (typeof go === 'string') return { usable: false, why: `local: ${go}` };
    const { assets } = readClusterConfig();
    return { usable: true, why: `local: processes on this machine, built with ${go.version}${assets ? `, etcd and kube-apiserver from ${assets}` : ''}` };
  }

  up(options: UpOptions = {}): Promise<Cluster> {
    this.#context = providerContext({ ...this.#context, ...withoutUndefined(options) });
    const { stateDir, log } = this.#context;
    return exclusively(`cluster in ${stateDir}`, log, () => this.#up(options));
  }

  async #up(options: UpOptions): Promise<Cluster> {
    const began = Date.now();
    const context = { ...this.#context, assets: readClusterConfig().assets };
    const { log, stateDir } = context;
    const nodes = checkNodes(options.nodes ?? defaultNodes(), 'nodes');
    const layout = localLayout(stateDir);
    const programs = new Programs(layout.pids, layout.logs);
    if (options.fresh) await removeState(layout, programs);

    const real = nodes.find(({ kind }) => kind === 'real' && options.realNode !== false);
    const machine = examineMachine(otherKubeletRuns(programs.running('kubelet')?.pid));
    const lacking = real && whyNoRealNode(machine);
    if (real && lacking) giveUpRealNode(new ClusterError('real-node-impossible', lacking), options, log);
    const wanted = lacking ? undefined : real;

    const binaries = await ensureBinaries([...clusterBinaries, ...(wanted ? nodeBinaries : [])], context);
    const run = await startControlPlane({ context, layout, programs, binaries }, wanted ? [wanted.name] : [], options.audit ?? false);
    const kwokNodes = nodes.filter(({ kind }) => kind === 'kwok');
    await applyKwokNodes(run.kubectl, kwokNodes, wanted ? [wanted.name] : []);
    const started = wanted && (await this.#realNode(run, wanted, options, machine));
    if (!started) {
      await stopRealNode(layout, programs);
      if (real) await run.kubectl(['delete', 'node', real.name, '--ignore-not-found', '--wait=false']);
    }
    await waitForNodes(run.kubectl, kwokNodes.map(({ name }) => name));
    log(`cluster is up (${secondsSince(began)}): ${nodes.length - (real && !started ? 1 : 0)} nodes, API server at https://127.0.0.1:${run.ports.apiServer}, kubeconfig ${layout.kubeconfig('admin')}`);
    return recordCluster(layout, started ? [wanted.name] : []);
  }

  /** True when the node is Ready; false when 'auto' allows going on without it. */
  async #realNode(run: Run, node: NodeSpec, options: UpOptions, machine: RealNodeSettings['machine']): Promise<boolean> {
    const { context, layout, ports, pki, binaries, programs, kubectl } = run;
    const { log } = context;
    const began = Date.now();
    try {
      const ready = await installPackages(machine, log);
      const images = await ensureImages(context);
      await startRealNode({ node, machine: ready, layout, ports, pki, binaries, images, programs, kubectl, log });
      log(`real node ${node.name} is ready (${secondsSince(began)})`);
      return true;
    } catch (error) {
      giveUpRealNode(error, options, log);
      return false;
    }
  }

  down(): Promise<void> {
    const { stateDir, log } = this.#context;
    return exclusively(`cluster in ${stateDir}`, log, async () => {
      const began = Date.now();
      const layout = localLayout(stateDir);
      if (!existsSync(layout.stateDir)) return log(`nothing to stop: ${stateDir} is not there`);
      await stopEverything(layout, new Programs(layout.pids, layout.logs));
      log(`cluster is down (${secondsSince(began)}); its state stays in ${stateDir}`);
    });
  }

  async status(): Promise<ClusterStatus> {
    const layout = localLayout(this.#context.stateDir);
    const programs = new Programs(layout.pids, layout.logs);
    const components: ClusterStatus['components'] = PROGRAM_ORDER.map((name) => {
      const running = programs.running(name);
      return { name, state: running ? 'running' : 'stopped', detail: running ? `pid ${running.pid}` : '' };
    });
    const answers = await this.#nodesAnswer(layout);
    components.push({ name: 'API server', state: answers.ok ? 'running' : 'unhealthy', detail: answers.text });
    return { provider: this.name, up: answers.ok, components };
  }

  async #nodesAnswer(layout: LocalLayout): Promise<{ ok: boolean; text: string }> {
    const kubectl = adminKubectl(path.join(layout.bin, 'kubectl'), layout.kubeconfig('admin'));
    if (!existsSync(layout.kubeconfig('admin'))) return { ok: false, text: 'never started' };
    try {
      const nodes = (await kubectl(['get', 'nodes', '--no-headers', '--request-timeout=5s'])).trim().split('\n');
      return { ok: true, text: `${nodes.length} nodes, ${nodes.filter((line) => / Ready\b/.test(line)).length} Ready` };
    } catch (error) {
      return { ok: false, text: (error as Error).message.split('\n')[0]! };
    }
  }
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** Without 'auto' the lack ends the command; with it the lack is said in one line. */
function giveUpRealNode(error: unknown, { realNode = 'auto' }: UpOptions, log: (line: string) => void): void {
  if (realNode === true) throw error;
  log(`no real node: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}; going on with kwok nodes only`);
}

async function startControlPlane(
  { context, layout, programs, binaries }: Pick<Run, 'context' | 'layout' | 'programs' | 'binaries'>,
  realNodes: string[],
  audit: boolean,
): Promise<Run> {
  const ports = await choosePorts(layout.ports, (program) => programs.running(program) !== undefined);
  const pki = await ensurePki(layout.pki, realNodes);
  for (const user of [...KUBECONFIG_USERS, ...realNodes.map((name) => `kubelet-${name}`)]) {
    mkdirSync(path.dirname(layout.kubeconfig(user)), { recursive: true });
    writeFileSync(layout.kubeconfig(user), kubeconfigFor(pki, user, `https://127.0.0.1:${ports.apiServer}`), { mode: 0o600 });
  }
  mkdirSync(layout.bin, { recursive: true });
  rmSync(path.join(layout.bin, 'kubectl'), { force: true });
  symlinkSync(binaries.kubectl!, path.join(layout.bin, 'kubectl'));
  const { store, controllers } = controlPlaneComponents({ layout, ports, pki, binaries, audit });
  for (const component of store) await ensureRunning(programs, component, context.log);
  await eventually('the namespace default', () => defaultNamespaceExists(ports.apiServer, pki), { timeoutMs: 30_000 });
  await Promise.all(controllers.map((component) => ensureRunning(programs, component, context.log)));
  return { context, layout, programs, ports, pki, binaries, kubectl: adminKubectl(binaries.kubectl!, layout.kubeconfig('admin')) };
}

function recordCluster(layout: LocalLayout, realNodes: string[]): Cluster {
  const cluster: Cluster = {
    name: 'enc-local',
    provider: 'local',
    kubeconfig: layout.kubeconfig('admin'),
    binDir: layout.bin,
    stateDir: layout.stateDir,
    host: '127.0.0.1',
    realNodes,
    capabilities: { realNode: realNodes.length > 0, kwok: true, networkPolicy: false },
  };
  writeFileSync(layout.record, JSON.stringify(cluster, null, 2));
  return cluster;
}

async function stopEverything(layout: LocalLayout, programs: Programs): Promise<void> {
  await stopRealNode(layout, programs);
  for (const name of PROGRAM_ORDER.toReversed()) await programs.stop(name);
  rmSync(layout.record, { force: true });
}

async function removeState(layout: LocalLayout, programs: Programs): Promise<void> {
  await stopEverything(layout, programs);
  // Logs stay: they tell how the cluster before ended.
  for (const folder of [layout.pki, layout.etcdData, layout.node, layout.ports]) rmSync(folder, { recursive: true, force: true });
}

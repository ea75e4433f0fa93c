// A Kubernetes of processes on this machine: a real control plane, fake nodes by kwok, and a real node where the machine allows it.
import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { adminKubectl } from '../adminKubectl.js';
import { findGo } from '../build/goCommand.js';
import { providerContext, readClusterConfig } from '../config.js';
import { stopRealNode } from '../node/realNode.js';
import { Programs } from '../processes/programs.js';
import type { Cluster, ClusterStatus, ComponentStatus, Probe, Provider, ProviderContext, UpOptions } from '../provider.js';
import { secondsSince } from '../shell/eventually.js';
import { exclusively } from '../shell/exclusively.js';
import { PROGRAM_ORDER } from './controlPlaneComponents.js';
import { localLayout } from './layout.js';
import { localUp, type LocalContext } from './localUp.js';

export class LocalProvider implements Provider {
  readonly name = 'local';
  #given: Partial<ProviderContext>;

  constructor(given: Partial<ProviderContext> = {}) {
    this.#given = given;
  }

  async probe(): Promise<Probe> {
    if (process.platform !== 'linux') return { usable: false, why: `local: needs Linux, this is ${process.platform}` };
    const go = await findGo();
    if (typeof go === 'string') return { usable: false, why: `local: ${go}` };
    const { assets } = readClusterConfig();
    return {
      usable: true,
      why: `local: processes on this machine, built with ${go.version}${assets ? `, etcd and kube-apiserver from ${assets}` : ''}`,
    };
  }

  async up(options: UpOptions = {}): Promise<Cluster> {
    const { stateDir, cacheDir, log } = { ...this.#given, ...options };
    this.#given = { stateDir, cacheDir, log };
    return this.#alone(async (context) => {
      if (options.fresh) await forget(context);
      return localUp(context, options);
    });
  }

  down(): Promise<void> {
    return this.#alone(async (context) => {
      const began = Date.now();
      await stop(context);
      context.log(`cluster is down (${secondsSince(began)}); what it knew stays in ${context.stateDir}`);
    });
  }

  async status(): Promise<ClusterStatus> {
    const context = this.#context();
    const components = PROGRAM_ORDER.map((name): ComponentStatus => {
      const running = context.programs.running(name);
      return { name, state: running ? 'running' : 'stopped', detail: running ? `pid ${running.pid}` : '' };
    });
    const nodes = await nodesOf(context);
    return { provider: this.name, up: nodes.state === 'running', components: [...components, nodes] };
  }

  #context(): LocalContext {
    const context = providerContext(this.#given);
    const layout = localLayout(context.stateDir);
    return { ...context, assets: readClusterConfig().assets, layout, programs: new Programs(layout.pids, layout.logs) };
  }

  /** No two commands work on one state folder at a time. */
  #alone<T>(work: (context: LocalContext) => Promise<T>): Promise<T> {
    const context = this.#context();
    return exclusively(`the cluster in ${context.stateDir}`, context.log, () => work(context));
  }
}

async function nodesOf({ layout }: LocalContext): Promise<ComponentStatus> {
  const name = 'nodes';
  if (!existsSync(layout.record)) return { name, state: 'stopped', detail: '' };
  try {
    const kubectl = adminKubectl(path.join(layout.bin, 'kubectl'), layout.kubeconfig('admin'));
    const nodes = (await kubectl(['get', 'nodes', '--no-headers', '--request-timeout=5s'])).trim().split('\n');
    const ready = nodes.filter((line) => /\sReady\b/.test(line)).length;
    return { name, state: ready === nodes.length ? 'running' : 'unhealthy', detail: `${ready} of ${nodes.length} Ready` };
  } catch (error) {
    return { name, state: 'unhealthy', detail: (error as Error).message.split('\n')[0]! };
  }
}

async function stop({ layout, programs, log }: LocalContext): Promise<void> {
  await stopRealNode(layout, programs, log);
  for (const name of PROGRAM_ORDER.toReversed()) await programs.stop(name);
  for (const file of [layout.record, layout.pids]) rmSync(file, { recursive: true, force: true });
}

/** Logs stay: they tell how the cluster before ended. */
async function forget(context: LocalContext): Promise<void> {
  await stop(context);
  const { pki, etcdData, node, ports } = context.layout;
  for (const folder of [pki, etcdData, node, ports]) rmSync(folder, { recursive: true, force: true });
}

// Starts a bare Kubernetes API server for an integration test: etcd and kube-apiserver (and, when asked, kube-controller-manager) on free ports, in a folder of their own.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureBinaries } from './build/ensureBinaries.js';
import { ClusterError } from './clusterError.js';
import { programEnvironment, providerContext, readClusterConfig } from './config.js';
import { apiServerArguments, controllerManagerArguments, etcdArguments } from './local/controlPlaneArguments.js';
import { freePort } from './local/freePorts.js';
import { apiServerIsReady, controllerIsHealthy, defaultNamespaceExists, etcdIsHealthy } from './local/readiness.js';
import { ensurePki, type Pki } from './pki/ensurePki.js';
import { kubeconfigFor } from './pki/kubeconfig.js';
import type { Log } from './provider.js';
import { eventually } from './shell/eventually.js';

export interface ControlPlaneOptions {
  /** Also run kube-controller-manager (service accounts, garbage collection, namespaces that can be deleted). */
  controllerManager?: boolean;
  cacheDir?: string;
  log?: Log;
}

export interface ControlPlane {
  /** Path of the admin kubeconfig. */
  kubeconfig: string;
  /** Folder with a kubectl of the same version. */
  binDir: string;
  /** https://127.0.0.1:port */
  server: string;
  /** Logs, keys and data; removed by stop(). */
  folder: string;
  stop(): Promise<void>;
}

const PATIENCE = { timeoutMs: 60_000, everyMs: 50 };
/** A port that was free may be taken before the program listens on it. */
const ATTEMPTS = 3;
const SETPRIV = '/usr/bin/setpriv';

/** A child that the kernel kills with its parent where setpriv(1) is there, so that a killed test run leaves nothing behind. */
class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(
    private readonly name: string,
    command: string,
    arguments_: string[],
    private readonly logFile: string,
  ) {
    const log = openSync(logFile, 'a');
    const whole = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL', command, ...arguments_] : [command, ...arguments_];
    this.#process = spawn(whole[0]!, whole.slice(1), { stdio: ['ignore', log, log], env: programEnvironment() });
    this.#ended = new Promise((resolve) => {
      this.#process.once('exit', () => resolve());
      this.#process.once('error', () => resolve());
    });
    closeSync(log);
  }

  async ready(probe: () => Promise<boolean>): Promise<void> {
    await eventually(
      this.name,
      () => {
        const { exitCode, signalCode } = this.#process;
        if (exitCode === null && signalCode === null) return probe();
        const tail = readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-3).join('\n');
        throw new ClusterError('process-died', `${this.name} ended with ${signalCode ?? `code ${exitCode}`}: ${tail}`);
      },
      PATIENCE,
    );
  }

  /** Nothing of it is kept, so it need not end in good order. */
  async stop(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }
}

async function start(folder: string, binaries: Record<string, string>, pki: Pki, options: ControlPlaneOptions, children: Child[]): Promise<string> {
  const begin = (name: string, arguments_: string[]) => {
    const child = new Child(name, binaries[name]!, arguments_, path.join(folder, `${name}.log`));
    children.push(child);
    return child;
  };
  const [etcdPort, peerPort, port] = [await freePort(), await freePort(), await freePort()];
  const etcd = begin('etcd', etcdArguments({ dataDir: path.join(folder, 'etcd'), clientPort: etcdPort, peerPort, pki, unsafeNoFsync: true }));
  await etcd.ready(() => etcdIsHealthy(etcdPort, pki));
  const serviceAccounts = options.controllerManager === true;
  const apiServer = begin('kube-apiserver', apiServerArguments({ port, etcdPort, pki, serviceAccounts }));
  await apiServer.ready(() => apiServerIsReady(port, pki));
  await apiServer.ready(() => defaultNamespaceExists(port, pki));
  const server = `https://127.0.0.1:${port}`;
  if (serviceAccounts) {
    const kubeconfig = path.join(folder, 'controller-manager.kubeconfig');
    writeFileSync(kubeconfig, kubeconfigFor(pki, 'kube-controller-manager', server), { mode: 0o600 });
    const managerPort = await freePort();
    const manager = begin(
      'kube-controller-manager',
      controllerManagerArguments({ port: managerPort, kubeconfig, pki, volumePlugins: path.join(folder, 'volume-plugins') }),
    );
    await manager.ready(() => controllerIsHealthy(managerPort));
  }
  return server;
}

async function attempt(binaries: Record<string, string>, options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-control-plane-'));
  const children: Child[] = [];
  const stop = async () => {
    for (const child of children.toReversed()) await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const pki = await ensurePki(path.join(folder, 'pki'));
    const server = await start(folder, binaries, pki, options, children);
    const kubeconfig = path.join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, kubeconfigFor(pki, 'admin', server), { mode: 0o600 });
    return { kubeconfig, binDir: path.dirname(binaries.kubectl!), server, folder, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const tookOurPort = (error: unknown) =>
  error instanceof ClusterError && error.code === 'process-died' && error.message.includes('address already in use');

/** Takes about 4 s; several can run at once. Builds etcd and kube-apiserver first where neither the cache nor KUBEBUILDER_ASSETS has them. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const context = { ...providerContext(options), assets: readClusterConfig().assets };
  const names = ['etcd', 'kube-apiserver', 'kubectl', ...(options.controllerManager ? ['kube-controller-manager'] : [])];
  const binaries = await ensureBinaries(names, context);
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt(binaries, options);
    } catch (error) {
      if (left === 0 || !tookOurPort(error)) throw error;
    }
  }
}

// A kind cluster in Docker, from kind's published node image.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adminKubectl } from '../adminKubectl.js';
import { ensureBinaries } from '../build/ensureBinaries.js';
import { findGo } from '../build/goCommand.js';
import { ClusterError } from '../clusterError.js';
import { programEnvironment, providerContext } from '../config.js';
import { zoneOf } from '../defaultNodes.js';
import { labelRealNode } from '../nodes.js';
import type { Cluster, ClusterStatus, NodeSpec, Probe, Provider, ProviderContext, UpOptions } from '../provider.js';
import { runCommand, tryCommand } from '../shell/runCommand.js';
import { secondsSince } from '../shell/eventually.js';

const CLUSTER_NAME = 'enc';
/** The image that the pinned kind names by default is under this name. */
const NODE_IMAGE = 'kindest/node';
const CREATED_WITHIN_MS = 600_000;
const CONTROL_PLANE = `${CLUSTER_NAME}-control-plane`;

/** The `host` of a kind cluster is its Docker network's gateway: where containers find this machine. */
async function gateway(): Promise<string> {
  const found = await runCommand('docker', ['network', 'inspect', 'kind', '-f', '{{range .IPAM.Config}}{{.Gateway}} {{end}}']);
  const address = found.split(/\s+/).find((one) => /^\d+(\.\d+){3}$/.test(one));
  if (!address) throw new ClusterError('not-ready', `the Docker network 'kind' has no IPv4 gateway: ${found.trim()}`);
  return address;
}

/** Undefined when the node image is there or can be pulled. */
async function whyNoImage(): Promise<string | undefined> {
  const local = await tryCommand('docker', ['images', '-q', NODE_IMAGE]);
  if (local.stdout.trim() !== '') return undefined;
  const registry = await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(5_000) }).catch((error: unknown) => error as Error);
  // Without a token Docker's registry answers 401, which shows that it is there.
  if (registry instanceof Error || (registry.status !== 200 && registry.status !== 401)) {
    const said = registry instanceof Error ? registry.message : `status ${registry.status}`;
    return `no image ${NODE_IMAGE} is here and registry-1.docker.io is not reachable (${said}); load a node image with docker load`;
  }
  return undefined;
}

export class KindProvider implements Provider {
  readonly name = 'kind';
  #context: ProviderContext;

  constructor(context: Partial<ProviderContext> = {}) {
    this.#context = providerContext(context);
  }

  async probe(): Promise<Probe> {
    const docker = await tryCommand('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 10_000 });
    if (docker.code !== 0) return { usable: false, why: `kind: no Docker daemon answers (${docker.stderr.trim().split('\n').at(-1)})` };
    const go = await findGo();
    if (typeof go === 'string') return { usable: false, why: `kind: ${go}` };
    const lacking = await whyNoImage();
    return lacking ? { usable: false, why: `kind: ${lacking}` } : { usable: true, why: `kind: Docker ${docker.stdout.trim()}` };
  }

  async up(options: UpOptions = {}): Promise<Cluster> {
    const context = (this.#context = providerContext({ ...this.#context, ...options }));
    const { stateDir, log } = context;
    const { usable, why } = await this.probe();
    if (!usable) throw new ClusterError('provider-unusable', why);
    const { kind, kubectl } = await ensureBinaries(['kind', 'kubectl'], context);
    const kubeconfig = path.join(stateDir, 'kind.kubeconfig');
    mkdirSync(stateDir, { recursive: true });
    const environment = programEnvironment({ KUBECONFIG: kubeconfig });
    const began = Date.now();
    if (options.fresh) await this.down();
    const names = (await runCommand(kind!, ['get', 'clusters'], { environment })).split('\n');
    if (names.includes(CLUSTER_NAME)) await runCommand(kind!, ['export', 'kubeconfig', '--name', CLUSTER_NAME], { environment });
    else {
      log(`creating the kind cluster '${CLUSTER_NAME}'`);
      await runCommand(kind!, ['create', 'cluster', '--name', CLUSTER_NAME, '--wait', '120s'], { environment, timeoutMs: CREATED_WITHIN_MS });
    }
    const real = options.nodes?.find((node) => node.kind === 'real') ?? { name: CONTROL_PLANE, region: 'EU', kind: 'real' as const };
    await this.#label(kubectl!, kubeconfig, real);
    if (options.nodes?.some((node) => node.kind === 'kwok')) log('kind clusters get no kwok nodes; its one node is real');
    log(`kind cluster '${CLUSTER_NAME}' is up (${secondsSince(began)})`);
    const cluster: Cluster = {
      name: CLUSTER_NAME,
      provider: 'kind',
      kubeconfig,
      binDir: path.dirname(kubectl!),
      stateDir,
      host: await gateway(),
      realNodes: [CONTROL_PLANE],
      capabilities: { realNode: true, kwok: false, networkPolicy: true },
    };
    writeFileSync(path.join(stateDir, 'cluster.json'), JSON.stringify(cluster, null, 2));
    return cluster;
  }

  /** kind names its node itself; it gets the place of the real node that was asked for. */
  #label(kubectl: string, kubeconfig: string, node: NodeSpec): Promise<void> {
    return labelRealNode(adminKubectl(kubectl, kubeconfig), { ...node, zone: zoneOf(node), name: CONTROL_PLANE });
  }

  async down(): Promise<void> {
    const { stateDir, log } = this.#context;
    const kubeconfig = path.join(stateDir, 'kind.kubeconfig');
    if (!existsSync(kubeconfig)) return;
    const { kind } = await ensureBinaries(['kind'], this.#context);
    await runCommand(kind!, ['delete', 'cluster', '--name', CLUSTER_NAME], {
      environment: programEnvironment({ KUBECONFIG: kubeconfig }),
      timeoutMs: CREATED_WITHIN_MS,
    });
    for (const file of [kubeconfig, path.join(stateDir, 'cluster.json')]) rmSync(file, { force: true });
    log(`kind cluster '${CLUSTER_NAME}' is deleted`);
  }

  async status(): Promise<ClusterStatus> {
    const { code, stdout, stderr } = await tryCommand('docker', [
      'ps',
      '--filter',
      `label=io.x-k8s.kind.cluster=${CLUSTER_NAME}`,
      '--format',
      '{{.Names}} {{.Status}}',
    ]);
    const detail = (code === 0 ? stdout : stderr).trim();
    const up = code === 0 && detail !== '';
    return { provider: this.name, up, components: [{ name: CONTROL_PLANE, state: up ? 'running' : 'stopped', detail }] };
  }
}

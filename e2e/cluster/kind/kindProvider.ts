// A kind cluster in Docker: from kind's published node image, or where that cannot be had from one made here of Debian packages and Go modules.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { adminKubectl } from '../adminKubectl.js';
import { ensureBinaries } from '../build/ensureBinaries.js';
import { findGo } from '../build/goCommand.js';
import { ClusterError } from '../clusterError.js';
import { providerContext } from '../config.js';
import { zoneOf } from '../defaultNodes.js';
import { labelRealNode } from '../nodes.js';
import type { Cluster, ClusterStatus, Probe, Provider, ProviderContext, UpOptions } from '../provider.js';
import { runCommand, tryCommand } from '../shell/runCommand.js';
import { secondsSince } from '../shell/eventually.js';
import { runningEngine, startEngine, stopEngine, whyNoEngine } from './engine.js';
import { ensureNodeImage } from './nodeImage.js';
import { completeCluster, kindConfig } from './ownCluster.js';

const CLUSTER_NAME = 'enc';
/** The image that the pinned kind names by default is under this name. */
const NODE_IMAGE = 'kindest/node';
const CREATED_WITHIN_MS = 600_000;
const CONTROL_PLANE = `${CLUSTER_NAME}-control-plane`;
const WORKERS = 1;
const NODES = [CONTROL_PLANE, `${CLUSTER_NAME}-worker`] as const;
const SECOND_REGION = 'US';

/** The `host` of a kind cluster is its Docker network's gateway: where containers find this machine. */
async function gateway(environment: NodeJS.ProcessEnv): Promise<string> {
  const found = await runCommand('docker', ['network', 'inspect', 'kind', '-f', '{{range .IPAM.Config}}{{.Gateway}} {{end}}'], { environment });
  const address = found.split(/\s+/).find((one) => /^\d+(\.\d+){3}$/.test(one));
  if (!address) throw new ClusterError('not-ready', `the Docker network 'kind' has no IPv4 gateway: ${found.trim()}`);
  return address;
}

/** Whether the published node image is there or can be pulled. */
async function publishedImage(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const local = await tryCommand('docker', ['images', '-q', NODE_IMAGE], { environment });
  if (local.stdout.trim() !== '') return true;
  const registry = await fetch('https://registry-1.docker.io/v2/', { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  // Without a token Docker's registry answers 401, which shows that it is there.
  return registry?.status === 200 || registry?.status === 401;
}

export class KindProvider implements Provider {
  readonly name = 'kind';
  #context: ProviderContext;

  constructor(context: Partial<ProviderContext> = {}) {
    this.#context = providerContext(context);
  }

  async probe(): Promise<Probe> {
    const go = await findGo();
    if (typeof go === 'string') return { usable: false, why: `kind: ${go}` };
    const engine = await runningEngine(this.#context.cacheDir);
    if (engine) return { usable: true, why: `kind: ${engine.own ? 'an own Docker engine' : "this machine's Docker engine"}` };
    const lacking = whyNoEngine();
    return lacking ? { usable: false, why: `kind: ${lacking}` } : { usable: true, why: 'kind: a Docker engine will be started' };
  }

  async up(options: UpOptions = {}): Promise<Cluster> {
    const context = (this.#context = providerContext({ ...this.#context, ...options }));
    const { stateDir, log } = context;
    const { usable, why } = await this.probe();
    if (!usable) throw new ClusterError('provider-unusable', why);
    const { kind, kubectl } = await ensureBinaries(['kind', 'kubectl'], context);
    const engine = await startEngine(context.cacheDir, log);
    const published = !engine.own && (await publishedImage(engine.environment));
    const image = published ? undefined : await ensureNodeImage(context, engine);
    const kubeconfig = path.join(stateDir, 'kind.kubeconfig');
    mkdirSync(stateDir, { recursive: true });
    const environment = { ...engine.environment, KUBECONFIG: kubeconfig };
    const began = Date.now();
    if (options.fresh) await this.#delete();
    await this.#create(kind!, environment, image);
    const admin = adminKubectl(kubectl!, kubeconfig);
    if (image !== undefined) await completeCluster(admin, engine.environment);
    const real = options.nodes?.find((node) => node.kind === 'real') ?? { name: CONTROL_PLANE, region: 'EU', kind: 'real' as const };
    for (const [index, name] of NODES.entries()) await labelRealNode(admin, { ...real, region: index === 0 ? real.region : SECOND_REGION, zone: zoneOf({ ...real, region: index === 0 ? real.region : SECOND_REGION }), name });
    if (options.nodes?.some((node) => node.kind === 'kwok')) log('kind clusters get no kwok nodes; their nodes are real');
    log(`kind cluster '${CLUSTER_NAME}' is up (${secondsSince(began)})`);
    const cluster: Cluster = {
      name: CLUSTER_NAME,
      provider: 'kind',
      kubeconfig,
      binDir: path.dirname(kubectl!),
      stateDir,
      host: await gateway(engine.environment),
      realNodes: [...NODES],
      capabilities: { realNode: true, kwok: false, networkPolicy: true },
    };
    writeFileSync(path.join(stateDir, 'cluster.json'), JSON.stringify(cluster, null, 2));
    return cluster;
  }

  async #create(kind: string, environment: NodeJS.ProcessEnv, image: string | undefined): Promise<void> {
    const { stateDir, log } = this.#context;
    const names = (await runCommand(kind, ['get', 'clusters'], { environment })).split('\n');
    if (names.includes(CLUSTER_NAME)) {
      await runCommand(kind, ['export', 'kubeconfig', '--name', CLUSTER_NAME], { environment });
      return;
    }
    log(`creating the kind cluster '${CLUSTER_NAME}'`);
    const config = path.join(stateDir, 'kind.yaml');
    writeFileSync(config, kindConfig(WORKERS));
    const own = image === undefined ? [] : ['--image', image];
    await runCommand(kind, ['create', 'cluster', '--name', CLUSTER_NAME, '--config', config, '--wait', '180s', ...own], { environment, timeoutMs: CREATED_WITHIN_MS });
  }

  async down(): Promise<void> {
    await this.#delete();
    await stopEngine(this.#context.cacheDir, this.#context.log);
  }

  async #delete(): Promise<void> {
    const { stateDir, log, cacheDir } = this.#context;
    const kubeconfig = path.join(stateDir, 'kind.kubeconfig');
    const engine = await runningEngine(cacheDir);
    if (!existsSync(kubeconfig) || !engine) return;
    const { kind } = await ensureBinaries(['kind'], this.#context);
    await runCommand(kind!, ['delete', 'cluster', '--name', CLUSTER_NAME], { environment: { ...engine.environment, KUBECONFIG: kubeconfig }, timeoutMs: CREATED_WITHIN_MS });
    await tryCommand('docker', ['network', 'rm', 'kind'], { environment: engine.environment });
    for (const file of [kubeconfig, path.join(stateDir, 'cluster.json')]) rmSync(file, { force: true });
    log(`kind cluster '${CLUSTER_NAME}' is deleted`);
  }

  async status(): Promise<ClusterStatus> {
    const environment = (await runningEngine(this.#context.cacheDir))?.environment;
    const { code, stdout, stderr } = await tryCommand(
      'docker',
      ['ps', '--filter', `label=io.x-k8s.kind.cluster=${CLUSTER_NAME}`, '--format', '{{.Names}} {{.Status}}'],
      environment === undefined ? {} : { environment },
    );
    const detail = (code === 0 ? stdout : stderr).trim();
    const up = code === 0 && detail !== '';
    return { provider: this.name, up, components: [{ name: CONTROL_PLANE, state: up ? 'running' : 'stopped', detail }] };
  }
}

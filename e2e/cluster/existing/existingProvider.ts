// Uses the cluster of the current kubeconfig; makes nothing in it but kwok nodes, and those only where kwok already runs there, and gives its nodes images where it is told how.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import dgram from 'node:dgram';
import path from 'node:path';
import { parse } from 'yaml';
import { adminKubectl, type AdminKubectl } from '../adminKubectl.js';
import { ClusterError } from '../clusterError.js';
import { providerContext, readClusterConfig } from '../config.js';
import { ensureImages } from '../images/ensureImages.js';
import { loadImage } from '../images/loadImage.js';
import { applyKwokNodes, waitForNodes } from '../nodes.js';
import type { Cluster, ClusterStatus, Probe, Provider, ProviderContext, UpOptions } from '../provider.js';

interface Kubeconfig {
  clusters?: { name: string; cluster: { server: string } }[];
  contexts?: { name: string; context: { cluster: string } }[];
  'current-context'?: string;
}

/** Admission by CEL expressions and everything else the product uses is stable from here on. */
const OLDEST_MINOR = 30;
const NEEDED: readonly (readonly [verb: string, resource: string])[] = [
  ['create', 'customresourcedefinitions.apiextensions.k8s.io'],
  ['create', 'validatingwebhookconfigurations.admissionregistration.k8s.io'],
  ['create', 'clusterroles.rbac.authorization.k8s.io'],
  ['create', 'namespaces'],
  ['create', 'pods/binding'],
];
const REACHED_WITHIN = '--request-timeout=5s';

/** The API server's URL in a kubeconfig's current context; undefined when there is none. */
export function currentServer(kubeconfig: string): string | undefined {
  const { clusters = [], contexts = [], 'current-context': current } = (parse(kubeconfig) ?? {}) as Kubeconfig;
  const context = contexts.find(({ name }) => name === current);
  return clusters.find(({ name }) => name === context?.context.cluster)?.cluster.server;
}

/** The address of this machine from which packets to `target` leave. */
function addressTowards(target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket(target.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', reject);
    socket.connect(53, target, () => {
      const { address } = socket.address();
      socket.close(() => resolve(address));
    });
  });
}

export class ExistingProvider implements Provider {
  readonly name = 'existing';
  #context: ProviderContext;

  constructor(context: Partial<ProviderContext> = {}) {
    this.#context = providerContext(context);
  }

  async probe(): Promise<Probe> {
    const { kubeconfig } = readClusterConfig();
    try {
      const { server } = await this.#examine(kubeconfig);
      return { usable: true, why: `existing: ${server} of ${kubeconfig}` };
    } catch (error) {
      return { usable: false, why: `existing: ${(error as Error).message.split('\n')[0]}` };
    }
  }

  async #examine(kubeconfig: string): Promise<{ server: string; kubectl: AdminKubectl }> {
    if (!existsSync(kubeconfig)) throw new ClusterError('provider-unusable', `no kubeconfig at ${kubeconfig}; set KUBECONFIG`);
    const server = currentServer(readFileSync(kubeconfig, 'utf8'));
    if (!server) throw new ClusterError('provider-unusable', `${kubeconfig} has no current context with a cluster; run kubectl config use-context`);
    const kubectl = adminKubectl('kubectl', kubeconfig);
    const answer = await kubectl(['version', '-o', 'json', REACHED_WITHIN]).catch((error: unknown) => {
      throw new ClusterError('unreachable', `${server} does not answer: ${(error as Error).message.split('\n').at(-1)}`, { cause: error });
    });
    const { serverVersion } = JSON.parse(answer) as { serverVersion: { minor: string; gitVersion: string } };
    if (parseInt(serverVersion.minor, 10) < OLDEST_MINOR) {
      throw new ClusterError('provider-unusable', `${server} runs Kubernetes ${serverVersion.gitVersion}; 1.${OLDEST_MINOR} or newer is needed`);
    }
    for (const [verb, resource] of NEEDED) {
      const allowed = await kubectl(['auth', 'can-i', verb, resource, '--all-namespaces', REACHED_WITHIN]).catch(() => 'no');
      if (allowed.trim() !== 'yes') throw new ClusterError('provider-unusable', `${kubeconfig}: its user may not ${verb} ${resource} at ${server}`);
    }
    return { server, kubectl };
  }

  async up(options: UpOptions = {}): Promise<Cluster> {
    const { stateDir, log } = (this.#context = providerContext({ ...this.#context, ...options }));
    const { kubeconfig, hostAddress, loadImage: canLoad, networkPolicy } = readClusterConfig();
    const { server, kubectl } = await this.#examine(kubeconfig);
    const kwokRuns = (await kubectl(['get', 'deployments', '-A', '-l', 'app=kwok-controller', '-o', 'name'])).trim() !== '';
    const kwokNodes = (options.nodes ?? []).filter(({ kind }) => kind === 'kwok');
    if (kwokRuns && kwokNodes.length > 0) {
      await applyKwokNodes(kubectl, kwokNodes, []);
      await waitForNodes(
        kubectl,
        kwokNodes.map(({ name }) => name),
      );
    } else if (kwokNodes.length > 0) log('no kwok controller (label app=kwok-controller) runs in the cluster: no fake nodes are made');
    const { hostname } = new URL(server);
    const nodes = await kubectl(['get', 'nodes', '-l', 'type!=kwok', '-o', 'jsonpath={.items[*].metadata.name}']);
    const realNodes = nodes.split(' ').filter(Boolean);
    const cluster: Cluster = {
      name: 'existing',
      provider: 'existing',
      kubeconfig,
      stateDir,
      host: hostAddress ?? (await addressTowards(hostname.replace(/^\[|\]$/g, ''))),
      realNodes,
      capabilities: { realNode: realNodes.length > 0, kwok: kwokRuns, networkPolicy },
    };
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(path.join(stateDir, 'cluster.json'), JSON.stringify(cluster, null, 2));
    if (canLoad !== undefined) for (const { file } of await ensureImages(this.#context)) await loadImage(cluster, file);
    log(`using ${server}: ${realNodes.length} nodes; it reaches this machine at ${cluster.host} (ENC_HOST_ADDRESS says otherwise)`);
    return cluster;
  }

  /** Deletes the fake nodes that it made, and nothing else. */
  async down(): Promise<void> {
    const record = path.join(this.#context.stateDir, 'cluster.json');
    if (!existsSync(record)) return;
    const { kubeconfig, capabilities } = JSON.parse(readFileSync(record, 'utf8')) as Cluster;
    if (capabilities.kwok) await applyKwokNodes(adminKubectl('kubectl', kubeconfig), [], []);
    rmSync(record);
    this.#context.log('left the existing cluster as it is, without the fake nodes that were made in it');
  }

  async status(): Promise<ClusterStatus> {
    const { usable, why } = await this.probe();
    return { provider: this.name, up: usable, components: [{ name: 'API server', state: usable ? 'running' : 'unhealthy', detail: why }] };
  }
}

// Brings the whole thing up on one machine and takes it down again: cluster → validators → resources → webhooks, operator, node agent, traffic light.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chooseProvider } from '../cluster/chooseProvider.js';
import { defaultNodes } from '../cluster/defaultNodes.js';
import type { Cluster, NodeSpec } from '../cluster/provider.js';
import { kubectlFor, must, type Kubectl } from './kubectl.js';
import type { Layout } from './layout.js';
import { linkPlugin, unlinkPlugin } from './plugin.js';
import { clusterPrograms, mainnetProgram, type StackSettings } from './programs.js';
import type { Progress } from './progress.js';
import { writeServiceAccountKubeconfig } from './serviceAccountKubeconfig.js';
import { startGroup, stopGroup } from './supervise.js';
import { waitFor } from './waitFor.js';

const NAMESPACE = 'enc-system';
const ACCOUNTS = { webhooks: 'enc-webhooks', operator: 'enc-operator', 'node-agent': 'enc-node-agent' } as const;
const GROUPS = ['cluster-programs', 'mainnet'];

interface ValidatorStatus {
  height: number;
  peersConnected: number;
}

async function validatorStatus(endpoint: string): Promise<ValidatorStatus | undefined> {
  const response = await fetch(`${endpoint}/v1/status`, { signal: AbortSignal.timeout(2_000) });
  return response.ok ? ((await response.json()) as ValidatorStatus) : undefined;
}

async function startMainnet(layout: Layout, settings: StackSettings, detail: (text: string) => void): Promise<void> {
  detail(await startGroup(layout, 'mainnet', [mainnetProgram(layout, settings)]));
  const heights = await waitFor('every validator to be at block 1 or above', async () => {
    const all = await Promise.all(layout.endpoints.map(validatorStatus));
    return all.every((status) => status && status.height >= 1) && all.map((status) => status!.height);
  }, { timeoutMs: 90_000 });
  detail(`${heights.length} validators at heights ${heights.join(', ')}; API ${layout.endpoints[0]}`);
}

export async function applyResources(layout: Layout, kubectl: Kubectl): Promise<void> {
  await must(kubectl, ['apply', '--server-side', '--force-conflicts', '-f', path.join(layout.checkout, 'crds')]);
  await must(kubectl, ['wait', '--for=condition=Established', '--timeout=60s', '-f', path.join(layout.checkout, 'crds')]);
  await must(kubectl, ['apply', '--server-side', '--force-conflicts', '-f', path.join(layout.checkout, 'config/crds'), '-f', path.join(layout.checkout, 'config/rbac')]);
}

/** For each of our programs that has a service account. */
export async function writeKubeconfigs(layout: Layout, adminKubeconfig: string, kubectl: Kubectl): Promise<void> {
  for (const [program, account] of Object.entries(ACCOUNTS)) await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig, namespace: NAMESPACE, account, file: layout.kubeconfig(program) });
}

async function startPrograms(layout: Layout, cluster: Cluster, wanted: NodeSpec[], kubectl: Kubectl, detail: (text: string) => void): Promise<void> {
  await writeKubeconfigs(layout, cluster.kubeconfig, kubectl);
  const nodesFile = path.join(layout.stateDir, 'nodes.json');
  const nodes = wanted.filter(({ kind, name }) => (kind === 'real' ? cluster.realNodes.includes(name) : cluster.capabilities.kwok));
  writeFileSync(nodesFile, JSON.stringify(nodes.map(({ name, region, zone }) => ({ name, region, zone, healthUrl: cluster.kubeletHealth?.[name] })), null, 2));
  detail(await startGroup(layout, 'cluster-programs', clusterPrograms(layout, cluster, nodesFile)));
  const ready = (port: number) => async () => (await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
  await waitFor('the webhooks to be ready', ready(layout.ports.webhookMetrics), { timeoutMs: 60_000 });
  await waitFor('the operator to be ready', ready(layout.ports.operatorMetrics), { timeoutMs: 60_000 });
  await waitFor('the traffic light to be ready', ready(layout.ports.trafficLight), { timeoutMs: 60_000 });
  detail('webhooks, operator and traffic light are ready');
}

export async function up(layout: Layout, settings: StackSettings, progress: Progress): Promise<Cluster> {
  mkdirSync(layout.stateDir, { recursive: true });
  const { nodes = defaultNodes() } = settings;
  const cluster = await progress.step('local Kubernetes', async (detail) => {
    const provider = await chooseProvider({ stateDir: layout.clusterDir, log: detail });
    return provider.up({ stateDir: layout.clusterDir, nodes, realNode: 'auto', log: detail });
  });
  const kubectl = kubectlFor(cluster.kubeconfig, cluster.binDir);
  await progress.step(`chain of ${settings.validators} validators`, (detail) => startMainnet(layout, settings, detail));
  await progress.step('custom resources and access rights', () => applyResources(layout, kubectl));
  await progress.step('webhooks, operator, node agent, traffic light', (detail) => startPrograms(layout, cluster, nodes, kubectl, detail));
  writeFileSync(path.join(layout.stateDir, 'stack.json'), JSON.stringify({ cluster, settings }, null, 2));
  await progress.step('kubectl plugin', async (detail) => detail(linkPlugin(layout, cluster)));
  return cluster;
}

export async function down(layout: Layout, progress: Progress): Promise<void> {
  await progress.step('stopping operator, webhooks, validators', async () => {
    for (const group of GROUPS) await stopGroup(layout, group);
  });
  await progress.step('stopping Kubernetes', async (detail) => {
    const provider = await chooseProvider({ stateDir: layout.clusterDir, log: detail });
    await provider.down();
  });
  unlinkPlugin(layout);
}

export const exampleFiles = (layout: Layout): string[] =>
  readdirSync(path.join(layout.checkout, 'examples')).filter((file) => file.endsWith('.yaml')).toSorted();

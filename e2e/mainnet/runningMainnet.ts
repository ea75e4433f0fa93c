// A mainnet on a cluster of real nodes: image loaded, chart installed under the restricted Pod Security Standard, the chain reached from here.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generateEd25519 } from '../../crypto/ed25519.js';
import { chooseProvider } from '../cluster/chooseProvider.js';
import { defaultNodes } from '../cluster/defaultNodes.js';
import { loadImage } from '../cluster/images/loadImage.js';
import { mainnetImage } from '../cluster/images/mainnetImage.js';
import { imageSbom } from '../cluster/images/sbom.js';
import type { Cluster } from '../cluster/provider.js';
import { checkout, layoutOf, type Layout } from '../stack/layout.js';
import { getJson, kubectlFor, must, type Kubectl } from '../stack/kubectl.js';
import { waitFor } from '../stack/waitFor.js';
import { Chart, NAMESPACE, RELEASE } from './chart.js';
import { PortForwards } from './portForwards.js';
import type { PreviousVersion } from './previousVersion.js';

const PORT_OFFSET = 4_000;
const PARTY = { roles: ['party'], balance: 10_000_000_000, stake: 0 };
const REPOSITORY = 'enc.local/mainnet';
/** Of the image of the present programs. */
export const PRESENT_IMAGE = { repository: REPOSITORY, tag: '1' };

export interface RunningMainnet {
  layout: Layout;
  cluster: Cluster;
  kubectl: Kubectl;
  chart: Chart;
  /** Of the installation: from `helm install` to a first certified block, in ms. */
  firstBlockMs: number;
  stop(): Promise<void>;
}

interface NodeObject {
  metadata: { name: string; labels: Record<string, string> };
  status: { addresses: { type: string; address: string }[] };
}

export const mainnetStateDir = path.join(checkout, '.enc', 'mainnet-e2e');

/** `E2E_KEEP=1` leaves the cluster up. Installs the previous version's chart and programs; images of both are on the nodes. */
export async function startMainnet(validators: number, previous: PreviousVersion): Promise<RunningMainnet> {
  const stateDir = mainnetStateDir;
  const layout = layoutOf({ stateDir, validators, portOffset: PORT_OFFSET });
  const log = (line: string) => console.log(`    ${line}`);
  const provider = await chooseProvider({ stateDir: layout.clusterDir, log });
  const down = async () => (process.env.E2E_KEEP === '1' ? undefined : provider.down());
  let forwards: PortForwards | undefined;
  const stop = async () => {
    await forwards?.stop();
    await down();
  };
  try {
    const cluster = await provider.up({ stateDir: layout.clusterDir, nodes: defaultNodes(), realNode: true, log });
    const kubectl = kubectlFor(cluster.kubeconfig, cluster.binDir);
    const image = { ...PRESENT_IMAGE, tag: previous.version };
    await loadProgram(cluster, PRESENT_IMAGE);
    await loadProgram(cluster, image, previous.root);
    const installed = await Chart.open(cluster, stateDir);
    await makeNamespace(kubectl);
    const values = { ...(await valuesFor(kubectl, cluster, layout)), validators: { replicas: validators }, image };
    forwards = new PortForwards(cluster, layout.endpoints);
    const mainnet = { layout, cluster, kubectl, chart: installed, stop };
    const firstBlockMs = await untilFirstBlock(mainnet, () => installed.install(values, previous.chart));
    return { ...mainnet, firstBlockMs };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Milliseconds from `install` to a first certified block; afterwards the genesis is kept and every pod ready. */
export async function untilFirstBlock({ layout, kubectl }: Pick<RunningMainnet, 'layout' | 'kubectl'>, install: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await install();
  await firstBlock(layout);
  const ms = performance.now() - began;
  await waitFor('the genesis in its ConfigMap', () => keepGenesis(kubectl, layout));
  await waitForReady(kubectl);
  return ms;
}

/** An image of the programs that are compiled in `root`. */
async function loadProgram(cluster: Cluster, { repository, tag }: typeof PRESENT_IMAGE, root?: string): Promise<void> {
  const file = path.join(mainnetStateDir, `image-${tag}.tar`);
  mkdirSync(mainnetStateDir, { recursive: true });
  writeFileSync(file, await mainnetImage({ reference: `${repository}:${tag}`, sbom: await imageSbom(root), root }));
  await loadImage(cluster, file);
  rmSync(file);
}

async function makeNamespace(kubectl: Kubectl): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/enforce-version': 'latest' };
  await must(kubectl, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }));
}

/** The parties' keys stay here; the chart learns the public ones. */
async function valuesFor(kubectl: Kubectl, cluster: Cluster, layout: Layout): Promise<Record<string, unknown>> {
  const nodes = (await getJson<{ items: NodeObject[] }>(kubectl, ['nodes']))!.items;
  const real = nodes.filter(({ metadata }) => cluster.realNodes.includes(metadata.name));
  const unlabelled = real.find(({ metadata: { labels } }) => ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'enc.metanode.io/runtime'].some((label) => !labels[label]));
  if (unlabelled) throw new Error(`node ${unlabelled.metadata.name} lacks a label that the examples ask for; kubectl label node ${unlabelled.metadata.name} topology.kubernetes.io/region=EU topology.kubernetes.io/zone=eu-a enc.metanode.io/runtime=real (or US, us-a)`);
  const services = await getJson<{ spec: { clusterIP: string } }>(kubectl, ['service', 'kubernetes', '-n', 'default']);
  const addresses = nodes.flatMap(({ metadata, status }) =>
    'node-role.kubernetes.io/control-plane' in metadata.labels ? status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => `${address}/32`) : [],
  );
  mkdirSync(path.dirname(layout.keyFile('bank')), { recursive: true });
  const more = ['bank', 'processor'].map((name) => {
    const pair = generateEd25519();
    writeFileSync(layout.keyFile(name), JSON.stringify(pair), { mode: 0o600 });
    return { name, publicKey: pair.publicKey, ...PARTY };
  });
  return {
    accounts: { more },
    nodeAgent: { nodes: real.map(({ metadata: { name, labels } }) => ({ name, region: labels['topology.kubernetes.io/region'], zone: labels['topology.kubernetes.io/zone'] })) },
    networkPolicies: { apiServer: { cidrs: addresses.length > 0 ? [...addresses, `${services!.spec.clusterIP}/32`] : ['0.0.0.0/0'] } },
  };
}

const firstBlock = (layout: Layout) =>
  waitFor(
    'a first certified block',
    async () => {
      const answer = await fetch(`${layout.endpoints[0]}/v1/status`, { signal: AbortSignal.timeout(2_000) });
      return answer.ok && ((await answer.json()) as { height: number }).height >= 1;
    },
    { timeoutMs: 240_000, everyMs: 100 },
  );

async function keepGenesis(kubectl: Kubectl, layout: Layout): Promise<boolean> {
  const map = await getJson<{ data?: Record<string, string> }>(kubectl, ['configmap', `${RELEASE}-genesis`, '-n', NAMESPACE]);
  const text = map?.data?.['genesis.json'];
  if (text === undefined) return false;
  mkdirSync(layout.mainnetDir, { recursive: true });
  writeFileSync(layout.genesis, text);
  return existsSync(layout.genesis);
}

export async function waitForReady(kubectl: Kubectl): Promise<void> {
  await must(kubectl, ['rollout', 'status', 'statefulset', '-n', NAMESPACE, '-l', `app.kubernetes.io/instance=${RELEASE}`, '--timeout=110s']);
}

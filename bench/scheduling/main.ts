// `make bench-scheduling`: kube-scheduler as it is, kube-scheduler without its limits, then ours with every check on, on one API server in one run.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { createChainClient } from '../../chain/client/chainClient.js';
import { loadKeyFile } from '../../chain/client/keyFile.js';
import type { Genesis, NodeRecord } from '../../chain/types.js';
import { chooseProvider } from '../../e2e/cluster/chooseProvider.js';
import type { NodeSpec } from '../../e2e/cluster/provider.js';
import { checkout, layoutOf, type Layout } from '../../e2e/stack/layout.js';
import { printedProgress } from '../../e2e/stack/progress.js';
import { down, up } from '../../e2e/stack/stack.js';
import { waitFor } from '../../e2e/stack/waitFor.js';
import { openStory } from '../../e2e/story/context.js';
import { agreementIsDeployed, clusterRegisters, policiesBecomeActive } from '../../e2e/story/facts/foundations.js';
import type { KubeApi } from '../../operator/runtime/kubeApi.js';
import { kubeApiFromFile } from '../../operator/runtime/kubeApiFromFile.js';
import { quantile, writeResults, type Row } from '../results.js';
import { PeerScheduler } from './peerScheduler.js';
import { processorTime, spentOn } from './processorTime.js';
import { removePods, runPods, runSingly, type PodRun, type PodTemplate } from './podRun.js';

const PORT_OFFSET = 4_000;
const VALIDATORS = 4;
const WARM_UP = 50;
const SINGLE = 40;
/** µBPI (agreement 4.1: 500 BPI). */
const STAKE_PER_NODE = 500_000_000;
/** In the peer's runs every node is as good as any; in ours policies leave the EU's. */
const REGIONS = ['EU', 'EU', 'EU', 'EU', 'US'];

const PLAIN: PodTemplate = { namespace: 'default', schedulerName: 'default-scheduler' };
const OURS: PodTemplate = {
  namespace: 'payments',
  schedulerName: 'enc-scheduler',
  labels: { 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' },
  annotations: { 'enc.metanode.io/agreements': 'payments-agreement' },
};

const fleet = (count: number): NodeSpec[] =>
  Array.from({ length: count }, (_, i) => ({ name: `fleet-${String(i).padStart(3, '0')}`, region: REGIONS[i % REGIONS.length]!, kind: 'kwok' }));
const names = (prefix: string, count: number): string[] => Array.from({ length: count }, (_, i) => `${prefix}-${i}`);

interface Measured {
  load: PodRun;
  single: number[];
  /** ms of processor time for each pod of the load, by program. */
  spent: [program: string, ms: number][];
}

async function measurePods(api: KubeApi, template: PodTemplate, pods: number, stateDir: string): Promise<Measured> {
  await runPods(api, template, names('warm-up', WARM_UP));
  const single = await runSingly(api, template, names('single', SINGLE));
  const before = processorTime(stateDir);
  const load = await runPods(api, template, names('load', pods));
  return { load, single, spent: spentOn(pods, before, processorTime(stateDir)) };
}

async function measurePeer(api: KubeApi, peer: PeerScheduler, { pods, stateDir }: Settings, limits?: { qps: number; burst: number }): Promise<Measured> {
  await peer.start(limits);
  const measured = await measurePods(api, PLAIN, pods, stateDir);
  await removePods(api, PLAIN.namespace);
  return measured;
}

/** Every node committed, and reported ready, and the policies, rules and agreement of the examples in force. */
async function prepareOurs(layout: Layout, cluster: Parameters<typeof openStory>[1], nodes: number): Promise<void> {
  const story = await openStory(layout, cluster);
  const genesis = JSON.parse(readFileSync(layout.genesis, 'utf8')) as Genesis;
  const client = createChainClient({ endpoints: layout.endpoints, genesis, key: loadKeyFile(layout.keyFile('operator')) });
  await client.start();
  try {
    const owner = loadKeyFile(layout.keyFile('node-operator')).publicKey;
    const bonded = await (await client.submit('stake.bond', { account: owner, name: 'node-operator', amount: nodes * STAKE_PER_NODE })).finalised();
    if (bonded.outcome !== 'applied') throw new Error(`the stake of ${nodes} nodes: ${bonded.reason}`);
    for (const fact of [clusterRegisters, policiesBecomeActive, agreementIsDeployed]) await fact(story);
    let ready = 0;
    await waitFor(
      `${nodes} nodes to be committed and ready on the ledger`,
      async () => (ready = (await client.listState<NodeRecord>('node/')).filter(({ value }) => value.ready).length) === nodes,
      { timeoutMs: 300_000, everyMs: 3_000, seen: () => `${ready} are` },
    );
  } finally {
    await client.stop();
    await story.close();
  }
}

function rowsOf(ours: Measured, peer: Measured, peerName: string): Row[] {
  const total = ({ spent }: Measured): number => spent.reduce((sum, [, ms]) => sum + ms, 0);
  const time = (metric: string, q: number, pick: (side: typeof ours) => number[]): Row => ({
    metric: `${metric}, p${q * 100}`, unit: 'ms', ours: quantile(pick(ours), q), peer: quantile(pick(peer), q), peerName, better: 'lower',
  });
  return [
    { metric: 'pods created to bound', unit: '/s', ours: ours.load.perSecond, peer: peer.load.perSecond, peerName, better: 'higher' },
    { metric: 'creates answered', unit: '/s', ours: ours.load.createdPerSecond, peer: peer.load.createdPerSecond, peerName, better: 'higher' },
    ...[0.5, 0.99].map((q) => time('create to bound under load', q, ({ load }) => load.took)),
    ...[0.5, 0.99].map((q) => time('create to bound, a single pod', q, ({ single }) => single)),
    { metric: 'processor time of all for a pod', unit: 'ms', ours: total(ours), peer: total(peer), peerName, better: 'lower' },
  ];
}

interface Settings {
  pods: number;
  nodes: number;
  stateDir: string;
  peer: boolean;
}

const tellSpent = (whose: string, { spent }: Measured): void =>
  console.log(`processor time for a pod, ${whose}: ${spent.map(([program, ms]) => `${program} ${ms.toFixed(2)}`).join(', ')} ms`);

async function measure(settings: Settings): Promise<void> {
  const { pods, nodes, stateDir, peer: withPeer } = settings;
  const layout = layoutOf({ stateDir, validators: VALIDATORS, portOffset: PORT_OFFSET });
  const progress = printedProgress();
  await down(layout, progress);
  rmSync(stateDir, { recursive: true, force: true });
  mkdirSync(stateDir, { recursive: true });
  const fleetNodes = fleet(nodes);
  try {
    const provider = await chooseProvider({ stateDir: layout.clusterDir, log: progress.line });
    if (provider.name !== 'local') throw new Error(`bench-scheduling needs the local provider, which starts kube-scheduler by itself; here it is ${provider.name}`);
    const plainCluster = await provider.up({ stateDir: layout.clusterDir, nodes: fleetNodes, realNode: false, log: progress.line });
    const api = kubeApiFromFile(plainCluster.kubeconfig);
    const peer = new PeerScheduler(layout.clusterDir);
    const peers = withPeer
      ? [
          { name: 'kube-scheduler, defaults', ...(await progress.step('kube-scheduler with its defaults', () => measurePeer(api, peer, settings))) },
          { name: 'kube-scheduler, QPS 2,000', ...(await progress.step('kube-scheduler with QPS 2,000', () => measurePeer(api, peer, settings, { qps: 2_000, burst: 4_000 }))) },
        ]
      : [];
    const cluster = await up(layout, { validators: VALIDATORS, blockTime: '2s', finalityThreshold: 67, nodes: fleetNodes }, progress);
    await peer.stop();
    await progress.step('committed nodes, policies, agreement', () => prepareOurs(layout, cluster, nodes));
    const ours = await progress.step('ours, all checks on', () => measurePods(api, OURS, pods, stateDir));
    api.close();
    for (const { name, ...measured } of [{ name: 'ours', ...ours }, ...peers]) tellSpent(name, measured);
    const rows = peers.length > 0 ? peers.flatMap(({ name, ...measured }) => rowsOf(ours, measured, name)) : rowsOf(ours, ours, 'itself');
    writeResults('scheduling', 1, rows);
  } finally {
    await down(layout, progress);
  }
}

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000) throw new InvalidArgumentError('It must be a whole number from 1 to 10000.');
  return value;
};
const flags = new Command('bench-scheduling')
  .option('--pods <n>', 'pods to place', wholeNumber, 2_000)
  .option('--nodes <n>', 'kwok nodes', wholeNumber, 500)
  .option('--state-dir <dir>', 'where the cluster and the chain keep their state; emptied first', path.join(checkout, '.enc', 'bench'))
  .option('--no-peer', 'measure only ours')
  .parse();
const settings = flags.opts<Settings>();
await measure({ ...settings, stateDir: path.resolve(settings.stateDir) });

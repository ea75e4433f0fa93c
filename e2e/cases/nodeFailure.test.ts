// A node fails and what ran there runs elsewhere within 30 s (agreement 6.1: failure_recovery): the real kubelet is killed, and the agent of a simulated node.
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChainClient } from '../../chain/client/chainClient.js';
import { stateKeys, type Genesis, type NodeRecord } from '../../chain/types.js';
import { kwokNode } from '../cluster/kwok/kwokNode.js';
import { localLayout } from '../cluster/local/layout.js';
import { Programs } from '../cluster/processes/programs.js';
import { getJson, kubectlFor, must, type Kubectl } from '../stack/kubectl.js';
import { waitFor } from '../stack/waitFor.js';
import { openStory } from '../story/context.js';
import { agreementIsDeployed, clusterRegisters, policiesBecomeActive } from '../story/facts/foundations.js';
import { startStack, type RunningStack } from './runningStack.js';

const RECOVERED_WITHIN_MS = 30_000;
const REPLICAS = 4;
const SIMULATED = 'eu-failing';

interface PodList {
  items: { metadata: { name: string; deletionTimestamp?: string }; spec: { nodeName?: string }; status: { phase: string } }[];
}

let stack: RunningStack;
let kubectl: Kubectl;
let agent: ChildProcess;

/** A simulated node with an agent of its own, so that it alone can be killed. */
async function startSimulatedNode(): Promise<ChildProcess> {
  const { layout } = stack;
  const node = kwokNode({ name: SIMULATED, region: 'EU', kind: 'kwok' });
  await must(kubectl, ['apply', '--server-side', '-f', '-'], JSON.stringify(node));
  await must(kubectl, ['apply', '--server-side', '--subresource=status', '-f', '-'], JSON.stringify(node));
  const nodesFile = path.join(layout.stateDir, `${SIMULATED}.json`);
  writeFileSync(nodesFile, JSON.stringify([{ name: SIMULATED, region: 'EU', zone: 'eu-a' }]));
  const chain = ['--chain-endpoints', layout.endpoints.join(','), '--genesis', layout.genesis, '--key', layout.keyFile('node-operator')];
  return spawn(
    process.execPath,
    [layout.program('operator/agent/main.js'), '--kubeconfig', layout.kubeconfig('node-agent'), ...chain, '--nodes-file', nodesFile, '--node-keys', `${layout.stateDir}/node-keys`],
    { stdio: 'ignore' },
  );
}

/** Committed, ready, and known by its beats, so that their end tells something. */
async function isUp(node: string): Promise<void> {
  const { layout } = stack;
  const client = createChainClient({ endpoints: layout.endpoints, genesis: JSON.parse(readFileSync(layout.genesis, 'utf8')) as Genesis });
  await client.start();
  try {
    const up = async () => (await client.getState<NodeRecord>(stateKeys.node(node))).value?.ready && (await client.getState(stateKeys.beat(node))).value !== undefined;
    await waitFor(`node ${node} to be committed, ready and beating`, up, { timeoutMs: 90_000 });
  } finally {
    await client.stop();
  }
}

/** Pods that would rather be on `node`, and are placed elsewhere when it is not there. */
const deployment = (name: string, node: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'payments' },
  spec: {
    replicas: REPLICAS,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: {
        labels: { app: name, 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' },
        annotations: { 'enc.metanode.io/agreements': 'payments-agreement' },
      },
      spec: {
        automountServiceAccountToken: false,
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }] } }],
          },
        },
        containers: [{ name: 'main', image: 'enc.local/demo:1', imagePullPolicy: 'Never', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
      },
    },
  },
});

async function runningOn(app: string): Promise<string[]> {
  const pods = await getJson<PodList>(kubectl, ['pods', '-n', 'payments', '-l', `app=${app}`]);
  return (pods?.items ?? []).filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running').map(({ spec }) => spec.nodeName!);
}

/** Applies the pods, waits until all run on the node, lets it fail; ms from then until all run elsewhere. */
async function recovery(app: string, node: string, fail: () => void): Promise<number> {
  await isUp(node);
  await must(kubectl, ['apply', '-f', '-'], JSON.stringify(deployment(app, node)));
  let nodes: string[] = [];
  const on = (right: (name: string) => boolean) => async () => (nodes = await runningOn(app)).length === REPLICAS && nodes.every(right);
  const seen = () => `on ${nodes.join(', ')}`;
  await waitFor(`${REPLICAS} pods of ${app} to run on ${node}`, on((name) => name === node), { timeoutMs: 90_000, seen });
  const failed = performance.now();
  fail();
  await waitFor(`${REPLICAS} pods of ${app} to run elsewhere than on ${node}`, on((name) => name !== node), { timeoutMs: 90_000, everyMs: 100, seen });
  const took = performance.now() - failed;
  console.log(`node ${node} failed; ${REPLICAS} pods ran again on ${[...new Set(nodes)].join(', ')} after ${(took / 1000).toFixed(1)} s`);
  return took;
}

beforeAll(async () => {
  stack = await startStack();
  kubectl = kubectlFor(stack.cluster.kubeconfig, stack.cluster.binDir);
  const story = await openStory(stack.layout, stack.cluster);
  try {
    for (const fact of [clusterRegisters, policiesBecomeActive, agreementIsDeployed]) await fact(story);
  } finally {
    await story.close();
  }
  agent = await startSimulatedNode();
});
afterAll(async () => {
  agent?.kill('SIGKILL');
  await stack?.stop();
});

describe('a file on a node', () => {
  it('puts no pod into a namespace that is enforced, and what its kubelet runs all the same is found and on record', async () => {
    const [real] = stack.cluster.realNodes;
    if (real === undefined) return expect(stack.cluster.capabilities.realNode).toBe(false);
    const file = path.join(localLayout(stack.layout.clusterDir).staticPods, 'hidden.json');
    const containers = [{ name: 'main', image: 'enc.local/demo:1', imagePullPolicy: 'Never' }];
    writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'hidden', namespace: 'payments' }, spec: { containers } }));
    const noted = () => kubectl(['get', 'events', '-A', '-o', 'jsonpath={.items[?(@.reason=="HiddenPod")].note}{.items[?(@.reason=="HiddenPod")].message}']);
    await waitFor('the hidden pod to be told of', async () => (await noted()).stdout.includes(`node ${real} runs pod payments/hidden-${real}`), { timeoutMs: 120_000, everyMs: 1_000 });
    expect((await noted()).stdout).toMatch(/\(receipt [0-9a-f]{64}\)/);
    expect((await kubectl(['get', 'pod', '-n', 'payments', `hidden-${real}`])).stderr).toContain('NotFound');
    rmSync(file);
  });
});

describe('a node that fails', () => {
  it('whose agent is killed is found silent, and its pods run elsewhere in time', async () => {
    const took = await recovery('silent', SIMULATED, () => void agent.kill('SIGKILL'));
    expect(took).toBeLessThan(RECOVERED_WITHIN_MS);
    const receipts = await must(kubectl, ['get', 'events', '-n', 'payments', '-o', 'jsonpath={.items[?(@.reason=="NodeLost")].note}{.items[?(@.reason=="NodeLost")].message}']);
    expect(receipts).toContain(`node ${SIMULATED} is lost: it was not heard`);
  });

  it('whose kubelet is killed is given up by its agent, and its pods run elsewhere in time', async () => {
    const [real] = stack.cluster.realNodes;
    // Where the machine allows no real node, a kubelet that can be killed is not there; the run says so when it begins.
    if (real === undefined) return expect(stack.cluster.capabilities.realNode).toBe(false);
    const layout = localLayout(stack.layout.clusterDir);
    const { pid } = new Programs(layout.pids, layout.logs).running('kubelet')!;
    const took = await recovery('killed', real, () => process.kill(pid, 'SIGKILL'));
    expect(took).toBeLessThan(RECOVERED_WITHIN_MS);
  });
});

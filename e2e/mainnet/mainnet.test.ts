// The mainnet on real nodes, installed by its chart: the story, bad manifests, closed links, an upgrade from the previous chart and a growing and shrinking validator set under load,
// namespaces and definitions taken away, an uninstallation that leaves only volumes, a chain that goes on, and a new one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PLACE_LABELS } from '../../api/labels.js';
import { genesisHash } from '../../chain/ledger/genesis.js';
import { stateKeys, type Genesis, type NodeRecord } from '../../chain/types.js';
import { openStory } from '../story/context.js';
import { agreementIsDeployed, clusterRegisters, policiesBecomeActive } from '../story/facts/foundations.js';
import { restrictedWorkloadRunsInTheEu } from '../story/facts/placement.js';
import { runStory } from '../story/story.js';
import { kubectlAccess } from '../story/kubectlAccess.js';
import { tell } from '../story/tell.js';
import { getJson, must, type KubectlResult } from '../stack/kubectl.js';
import { waitFor } from '../stack/waitFor.js';
import { waitForResource } from '../story/resources.js';
import { NAMESPACE, RELEASE } from './chart.js';
import { AdmissionLoad, type LoadResult } from './load.js';
import { preparePreviousVersion, type PreviousVersion } from './previousVersion.js';
import { probePods } from './reach.js';
import { mixedDuring, runningImages } from './rollout.js';
import { mainnetStateDir, PRESENT_IMAGE, startMainnet, untilFirstBlock, waitForReady, type RunningMainnet } from './runningMainnet.js';
import { ChangingSet, validatorName } from './validatorSet.js';

const VALIDATORS = 4;
let mainnet: RunningMainnet;
let previous: PreviousVersion;

beforeAll(async () => {
  const began = Date.now();
  previous = await preparePreviousVersion(path.join(mainnetStateDir, 'previous'));
  if (previous.commit) console.log(`    the previous version, ${previous.version} (commit ${previous.commit.slice(0, 12)}), compiled in ${seconds(Date.now() - began)}`);
  else console.log('    NOTE: the version before this one is not in this repository\'s history (git fetch --unshallow); the present one under another version stands for it, so that old programs go with new ones is not shown');
  mainnet = await startMainnet(VALIDATORS, previous);
  console.log(`    helm install to a first certified block, previous version: ${seconds(mainnet.firstBlockMs)}`);
});
afterAll(async () => mainnet?.stop());

const inPayments = () => kubectlAccess(mainnet.kubectl, 'payments');
/** Node's name → the public key that its agent signs with. */
const PRINT_NODE_KEYS = "const fs=require('fs'),d='/data/node-keys/';console.log(JSON.stringify(Object.fromEntries(fs.readdirSync(d).map(f=>[f.replace(/\\.key$/,''),JSON.parse(fs.readFileSync(d+f)).publicKey]))))";
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const heightOf = async (endpoint: string) => ((await (await fetch(`${endpoint}/v1/status`)).json()) as { height: number }).height;
const heights = async () => Promise.all(mainnet.layout.endpoints.map(heightOf));

/** What the ledger holds of the nodes, as validator 0 tells. */
async function committedNodes(): Promise<NodeRecord[]> {
  const { entries } = (await (await fetch(`${mainnet.layout.endpoints[0]}/v1/state-list?prefix=${stateKeys.node('')}`)).json()) as { entries: { value: string }[] };
  return entries.map(({ value }) => JSON.parse(value) as NodeRecord);
}

/** What the load was answered while `work` ran. */
async function underLoad(what: string, work: () => Promise<void>): Promise<LoadResult> {
  const load = new AdmissionLoad(mainnet);
  load.start();
  let result: LoadResult;
  try {
    await work();
  } finally {
    result = await load.stop();
    console.log(`    ${what} under load: ${result.answers} answers, ${result.unanswered} refused by the API server because nobody could decide, ${result.receipts.length} receipts`);
  }
  return result;
}

/** Every receipt that a refusal named is in the chain, certified, and verifies against the genesis. */
async function expectNothingLost({ wrong, receipts }: LoadResult): Promise<void> {
  expect(wrong).toEqual([]);
  expect(receipts.length).toBeGreaterThan(10);
  const story = await openStory(mainnet.layout, mainnet.cluster);
  try {
    const lost: string[] = [];
    for (const id of receipts) await story.certified(id).catch((error: Error) => lost.push(`${id}: ${error.message}`));
    expect(lost).toEqual([]);
  } finally {
    await story.close();
  }
}

const restarts = async () => {
  const pods = (await getJson<{ items: { status: { containerStatuses?: { restartCount: number }[] } }[] }>(mainnet.kubectl, ['pods', '-n', NAMESPACE, '-l', 'enc.metanode.io/member=true']))!.items;
  return pods.flatMap(({ status }) => status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
};

/** The example workload under another name. */
async function applyWorkload(name: string): Promise<KubectlResult> {
  const { metadata, ...workload } = JSON.parse(await must(mainnet.kubectl, ['create', '--dry-run=client', '-o', 'json', '-f', 'examples/50-eu-payments.yaml'])) as { metadata: object };
  return mainnet.kubectl(['apply', '-f', '-'], JSON.stringify({ ...workload, metadata: { ...metadata, name } }));
}

/** Admitted, placed and running. */
async function expectWorkloadRuns(name: string): Promise<void> {
  expect(await applyWorkload(name)).toMatchObject({ code: 0 });
  await waitForResource(inPayments(), ['Workload', name], ({ status }) => status?.state === 'Running' && status.light === 'Green', 240_000);
}

/** That it succeeds, tells so many facts, and leaves nothing of it in the cluster. */
async function expectHelmTest(told: RegExp): Promise<void> {
  const began = Date.now();
  const said = await mainnet.chart.test();
  console.log(said.split('\n').filter((line) => /^ *\d+\. |facts hold|of it is left|certified height/.test(line)).join('\n'));
  console.log(`    helm test: ${seconds(Date.now() - began)}`);
  expect(said).toMatch(/nothing of it is left/);
  expect(said).toMatch(told);
  const left = await must(mainnet.kubectl, ['get', 'encclusters,bisopolicies,trafficrules,agreements,clusterroles,clusterrolebindings,namespaces', '-o', 'name']);
  expect(left.split('\n').filter((name) => name.includes(`/${RELEASE}-test`))).toEqual([]);
}

describe('a mainnet that helm installed', () => {
  it('runs every pod under the restricted standard, on two nodes, with the key of each on its own volume', async () => {
    const pods = (await getJson<{ items: { metadata: { name: string }; spec: { nodeName: string; volumes: { persistentVolumeClaim?: object }[] }; status: { phase: string } }[] }>(mainnet.kubectl, ['pods', '-n', NAMESPACE, '-l', 'enc.metanode.io/member=true']))!.items;
    expect(pods.map(({ status }) => status.phase)).toEqual(pods.map(() => 'Running'));
    expect(pods.filter(({ metadata }) => metadata.name.startsWith(`${RELEASE}-validator-`))).toHaveLength(VALIDATORS);
    expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
    expect(pods.filter(({ spec }) => !spec.volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim))).toEqual([]);
    const secrets = (await getJson<{ items: { type: string }[] }>(mainnet.kubectl, ['secrets', '-n', NAMESPACE]))!.items;
    expect(secrets.filter(({ type }) => type !== 'helm.sh/release.v1')).toEqual([]);
  });

  it('is upgraded from the previous version, one by one under load, old programs beside new ones: no answer is wrong, no acknowledged receipt is lost', async () => {
    const story = await openStory(mainnet.layout, mainnet.cluster);
    try {
      for (const fact of [clusterRegisters, policiesBecomeActive, agreementIsDeployed, restrictedWorkloadRunsInTheEu]) expect(await fact(story)).toMatchObject({ holds: true });
    } finally {
      await story.close();
    }
    expect(await mainnet.chart.installed()).toBe(`mainnet-${previous.version}`);
    const was = await runningImages(mainnet.kubectl);
    const before = Math.max(...(await heights()));
    let mixed = new Set<string>();
    const result = await underLoad('upgrade', async () => {
      mixed = await mixedDuring(mainnet.kubectl, () => mainnet.chart.upgrade({ image: PRESENT_IMAGE }));
    });
    expect(await mainnet.chart.installed()).not.toBe(`mainnet-${previous.version}`);
    const is = await runningImages(mainnet.kubectl);
    const [old, present] = [was, is].map((images) => new Set([...images.values()].flatMap((some) => [...some])));
    expect([old!.size, present!.size, [...old!].filter((image) => present!.has(image))]).toEqual([1, 1, []]);
    for (const component of was.keys()) expect([component, is.get(component)?.size]).toEqual([component, 1]);
    console.log(`    two versions ran side by side of: ${[...mixed].sort().join(', ')}`);
    expect([...mixed]).toEqual(expect.arrayContaining(['validator', 'webhooks']));
    await expectNothingLost(result);
    expect(Math.min(...(await heights()))).toBeGreaterThan(before);
  });

  it('passes helm test, which tells what of the story a pod can show, and leaves nothing behind', async () => {
    await expectHelmTest(/17 facts hold, 0 do not, 0 could not/);
  });

  it('tells the story, fact by fact', async () => {
    const story = await openStory(mainnet.layout, mainnet.cluster);
    try {
      const facts = await runStory(story, (number, fact) => console.log(tell(number, fact)));
      expect(facts.filter(({ holds }) => !holds)).toEqual([]);
      expect(facts).toHaveLength(15);
    } finally {
      await story.close();
    }
  });

  it.each([
    ['an unknown data class', { dataClassification: 'TopSecret' }, /dataClassification.*(?:Unsupported value|supported values)/s],
    ['a destination outside the EU', { destinationRegions: ['US'] }, /geographic-data-sovereignty|outside EU/],
    ['no replicas at all', { replicas: -1 }, /replicas/],
  ])("a user's CI learns from kubectl apply --dry-run=server what is wrong: %s", async (_, change, why) => {
    const text = await must(mainnet.kubectl, ['create', '--dry-run=client', '-o', 'json', '-f', 'examples/50-eu-payments.yaml']);
    const workload = JSON.parse(text) as { metadata: { name: string }; spec: object };
    workload.metadata.name = 'from-a-ci';
    workload.spec = { ...workload.spec, ...change };
    const { code, stderr } = await mainnet.kubectl(['apply', '--dry-run=server', '-f', '-'], JSON.stringify(workload));
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(why)]);
    expect(await getJson(mainnet.kubectl, ['workload', 'from-a-ci', '-n', 'payments'])).toBeUndefined();
  });

  it('lets a stranger in the cluster reach neither the chain nor the admission port, though it reaches others', async () => {
    const reach = await probePods(mainnet);
    expect(reach).toEqual({ open: true, api: false, peer: false, admission: false });
  });

  it('grows from four validators to seven and shrinks to four again under load, each change decided by the set itself', async () => {
    const set = new ChangingSet(mainnet);
    const four = [0, 1, 2, 3].map(validatorName);
    const newcomers = [4, 5, 6].map(validatorName);
    const [fifth, ...others] = newcomers as [string, string, string];
    expect(await set.inForce()).toEqual(four);
    const began = Date.now();
    const step = (what: string) => console.log(`    ${seconds(Date.now() - began)}: ${what}`);
    const result = await underLoad('4 → 7 → 4', async () => {
      // No link is opened to who is no member: the new pods wait, and so are not ready.
      await mainnet.chart.upgrade({ validators: { replicas: 7 } }, { wait: false });
      expect(await set.inForce()).toEqual(four);
      step('three more pods are asked for');
      await set.change({ add: [fifth] });
      step('five decide');
      expect(await set.change({ add: others })).toEqual([...four, ...newcomers]);
      await waitForReady(mainnet.kubectl);
      step('seven decide and are ready');
      const grown = await heightOf(mainnet.layout.endpoints[3]!);
      // Of seven, two may be gone.
      await must(mainnet.kubectl, ['delete', 'pod', '-n', NAMESPACE, validatorName(0), validatorName(1), '--wait=false']);
      await waitFor('blocks that five of seven signed', async () => (await heightOf(mainnet.layout.endpoints[3]!)) > grown + 2);
      await waitForReady(mainnet.kubectl);
      step('five of seven decided, and the other two are back');
      await set.change({ remove: others });
      await set.change({ remove: [fifth] });
      step('four decide');
      await mainnet.chart.upgrade({ validators: { replicas: VALIDATORS } });
      step('three pods are gone');
    });
    expect(await set.inForce()).toEqual(four);
    await expectNothingLost(result);
    const pods = await must(mainnet.kubectl, ['get', 'pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/component=validator', '-o', 'name']);
    expect(pods.trim().split('\n').sort()).toEqual(four.map((name) => `pod/${name}`));
  });

  it('keeps the definitions of what is in force, and gets over one that is taken away and comes back', async () => {
    const before = await restarts();
    const refused = await mainnet.kubectl(['delete', 'crd', 'bisopolicies.enc.metanode.io', '--timeout=60s']);
    expect([refused.code === 0, refused.stderr]).toEqual([false, expect.stringContaining('DefinitionInUse')]);
    await must(mainnet.kubectl, ['delete', 'crd', 'proposals.enc.metanode.io', '--timeout=60s']);
    await expectWorkloadRuns('without-a-definition');
    await mainnet.chart.upgrade();
    await must(mainnet.kubectl, ['apply', '-f', 'examples/80-storage-fee-proposal.yaml']);
    await waitForResource(inPayments(), ['Proposal', 'storage-fee'], ({ status }) => status?.state === 'Draft');
    expect(await restarts()).toBe(before);
  });

  it('goes on while a namespace of its resources is deleted', async () => {
    await must(mainnet.kubectl, ['delete', 'namespace', 'payments', '--timeout=110s']);
    expect(await getJson(mainnet.kubectl, ['namespace', 'payments'])).toBeUndefined();
    await must(mainnet.kubectl, ['apply', '-f', 'examples/00-namespace.yaml']);
    await expectWorkloadRuns('after-a-namespace');
  });

  it('enforces on while its EncCluster is being deleted, says what holds that, lets go when nothing runs under it, and takes it again', async () => {
    await must(mainnet.kubectl, ['delete', 'enccluster', 'eu-cluster', '--wait=false']);
    await waitForResource(inPayments(), ['EncCluster', 'eu-cluster'], ({ status }) => status?.conditions?.some(({ reason, message }) => reason === 'InUse' && message.includes('still has Workload payments/')) ?? false);
    const bad = await mainnet.kubectl(['apply', '-f', 'examples/60-us-export.yaml']);
    expect([bad.code === 0, bad.stderr]).toEqual([false, expect.stringMatching(/receipt [0-9a-f]{64}/)]);
    await must(mainnet.kubectl, ['delete', 'workloads', '--all', '-n', 'payments', '--timeout=110s']);
    await must(mainnet.kubectl, ['wait', '--for=delete', 'enccluster/eu-cluster', '--timeout=60s']);
    await must(mainnet.kubectl, ['apply', '-f', 'examples/10-eu-cluster.yaml']);
    await waitForResource(inPayments(), ['EncCluster', 'eu-cluster'], ({ status }) => status?.phase !== undefined && status.phase !== 'Pending');
    await expectWorkloadRuns('after-a-cluster');
  });

  it("takes nothing from a person while the namespace of persons' names is gone, says what to do, and goes on when that is done", async () => {
    await mainnet.chart.upgrade();
    await must(mainnet.kubectl, ['delete', 'namespace', 'enc-personal', '--timeout=110s']);
    let tries = 0;
    // A replica forgets who was erased a moment after the Secret is gone.
    const refused = await waitFor('a refusal', async () => {
      const { code, stderr } = await applyWorkload(`of-nobody-${(tries += 1)}`);
      return code !== 0 && stderr;
    });
    expect(refused).toMatch(/could not be kept in namespace enc-personal: .*helm upgrade/);
    await mainnet.chart.upgrade();
    await expectWorkloadRuns('of-somebody');
  });

  it('is uninstalled leaving volumes and definitions, no finalizer hangs, and admission goes on', async () => {
    await must(mainnet.kubectl, ['apply', '-f', 'examples/21-geographic-data-sovereignty.yaml']);
    await mainnet.chart.uninstall();
    let left = '';
    await waitFor(
      'nothing of the release',
      async () => (left = (await must(mainnet.kubectl, ['get', 'all,configmaps,networkpolicies,roles,rolebindings,serviceaccounts,poddisruptionbudgets', '-n', NAMESPACE, '-l', `app.kubernetes.io/instance=${RELEASE}`, '-o', 'name'])).trim()) === '',
      { timeoutMs: 90_000, seen: () => left },
    );
    const cluster = await must(mainnet.kubectl, ['get', 'clusterroles,clusterrolebindings,validatingwebhookconfigurations,mutatingwebhookconfigurations,mutatingadmissionpolicies,mutatingadmissionpolicybindings', '-o', 'name']);
    expect(cluster.split('\n').filter((name) => /\/(?:mainnet-|enc-)/.test(name))).toEqual([]);
    const claims = (await getJson<{ items: { metadata: { name: string } }[] }>(mainnet.kubectl, ['pvc', '-n', NAMESPACE]))!.items;
    // Also of the three that were members for a while; a relay's copy of the chain goes with it.
    const owners = claims.map(({ metadata }) => metadata.name.replace(/-\d+$/, ''));
    expect(owners.filter((name) => name === `data-${RELEASE}-validator`)).toHaveLength(7);
    expect(new Set(owners)).toEqual(new Set(['validator', 'operator', 'webhooks', 'node-agent'].map((component) => `data-${RELEASE}-${component}`)));
    await must(mainnet.kubectl, ['delete', 'bisopolicies,trafficrules,agreements,encclusters', '--all', '--timeout=60s']);
    await must(mainnet.kubectl, ['delete', 'namespace', 'payments', '--timeout=110s']);
    await must(mainnet.kubectl, ['create', 'configmap', 'after', '-n', 'default']);
  });

  it('goes on with the same chain when it is installed again on the kept volumes, with one agent for all nodes where that is asked for', async () => {
    const hashOf = (text: string) => genesisHash(JSON.parse(text) as Genesis);
    const before = hashOf(readFileSync(mainnet.layout.genesis, 'utf8'));
    const { nodeAgent } = mainnet.chart.values as { nodeAgent: object };
    await mainnet.chart.install({ ...mainnet.chart.values, nodeAgent: { ...nodeAgent, perNode: false } });
    await waitForReady(mainnet.kubectl);
    const again = await waitFor('the published genesis', async () => (await getJson<{ data?: Record<string, string> }>(mainnet.kubectl, ['configmap', `${RELEASE}-genesis`, '-n', NAMESPACE]))?.data?.['genesis.json']);
    expect(hashOf(again)).toBe(before);
    await waitFor('blocks of the same chain', async () => Math.min(...(await heights())) > 1);
    expect(await getJson(mainnet.kubectl, ['daemonset', `${RELEASE}-node-offer`, '-n', NAMESPACE])).toBeUndefined();
    await waitFor('every node committed under a key that the one agent holds', async () => {
      const held = JSON.parse(await must(mainnet.kubectl, ['exec', `${RELEASE}-node-agent-0`, '-n', NAMESPACE, '-c', 'node-agent', '--', '/usr/bin/node', '-e', PRINT_NODE_KEYS])) as Record<string, string>;
      const committed = Object.fromEntries((await committedNodes()).map(({ name, commitment }) => [name, commitment.blsPublicKey]));
      return mainnet.cluster.realNodes.every((node) => committed[node] !== undefined && committed[node] === held[node]);
    });
  });

  it('makes a new chain when the volumes are gone; by default an agent on each node, which joins when an administrator says where it stands', async () => {
    const hash = () => genesisHash(JSON.parse(readFileSync(mainnet.layout.genesis, 'utf8')) as Genesis);
    const before = hash();
    await mainnet.chart.uninstall();
    await must(mainnet.kubectl, ['delete', 'pvc', '--all', '-n', NAMESPACE, '--timeout=100s']);
    const { nodeAgent: _, ...values } = mainnet.chart.values;
    const ms = await untilFirstBlock(mainnet, () => mainnet.chart.install({ ...values, test: { agreementSeconds: 45 } }));
    console.log(`    helm install to a first certified block: ${seconds(ms)}`);
    expect(hash()).not.toBe(before);
    await must(mainnet.kubectl, ['rollout', 'status', `daemonset/${RELEASE}-node-offer`, '-n', NAMESPACE, '--timeout=100s']);
    const agents = (await getJson<{ items: { spec: { nodeName: string } }[] }>(mainnet.kubectl, ['pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/component=node-offer']))!.items;
    expect(agents.map(({ spec }) => spec.nodeName).sort()).toEqual([...mainnet.cluster.realNodes].sort());
    expect(await committedNodes()).toEqual([]);
    for (const node of mainnet.cluster.realNodes) await must(mainnet.kubectl, ['label', 'node', node, `${PLACE_LABELS.region}=EU`]);
    const committed = await waitFor('every node committed as its own agent signed it', async () => {
      const nodes = await committedNodes();
      return nodes.length === agents.length && nodes;
    });
    expect(new Set(committed.map(({ commitment }) => commitment.blsPublicKey)).size).toBe(agents.length);
    await expectHelmTest(/16 of 17 facts hold, 0 do not, 1 could not/);
  });
});

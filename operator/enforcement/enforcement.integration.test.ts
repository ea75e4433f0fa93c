// What runs is held to what policy says now, on a real API server with its controllers: moved, cut off, removed, each with its receipt and report.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { BisoPolicy, TrafficRule, Workload } from '../../api/index.js';
import { RUNTIME_LABELS } from '../../api/labels.js';
import { sample } from '../../api/testing/samples.js';
import { createNodeKey } from '../../chain/client/keyFile.js';
import { TestChain } from '../../chain/ledger/testing/testChain.js';
import { stateKeys, type WorkloadRecord } from '../../chain/types.js';
import { startControlPlane, type ControlPlane } from '../../e2e/cluster/controlPlane.js';
import { kubectlFor } from '../../e2e/stack/kubectl.js';
import { writeServiceAccountKubeconfig } from '../../e2e/stack/serviceAccountKubeconfig.js';
import { AgentReconciler } from '../agent/agentReconciler.js';
import type { NodePlace } from '../agent/config.js';
import { ownCommitments } from '../agent/ownCommitments.js';
import { ChainWriter } from '../ledger/chainWriter.js';
import { createInformers } from '../informers.js';
import { Operator } from '../operator.js';
import { EventRecorder } from '../runtime/eventRecorder.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { kubeApiFromFile } from '../runtime/kubeApiFromFile.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type KubeObject, type Node, type Pod, type ResourceType } from '../runtime/kubeObject.js';
import { createMetrics } from '../runtime/metrics.js';
import { honestVerdict } from '../testing/honestVerdict.js';
import { MemoryChain } from '../testing/memoryChain.js';
import { silentLogger } from '../testing/silentLogger.js';
import type { NetworkPolicy } from './networkPolicies.js';
import type { PolicyReport } from './policyReport.js';

const checkout = fileURLToPath(new URL('../..', import.meta.url));
let plane: ControlPlane;
let admin: KubeApi;
let own: KubeApi;
let operator: Operator;
const ledger = new TestChain();
const client = new MemoryChain(ledger);
const soon = <T>(what: () => Promise<T> | T) => vi.waitFor(what, { timeout: 30_000, interval: 50 });

const inPayments = <T extends KubeObject>({ path: where }: ResourceType, name: string) => admin.get<T>(where(name, 'payments'));
const gone = (resource: ResourceType, name: string) =>
  soon(async () => expect(await inPayments(resource, name).then(() => 'there', (error: unknown) => isKubeError(error, 'NotFound') && 'gone')).toBe('gone'));
const create = (resource: ResourceType, object: KubeObject) => admin.create(resource.path('', object.metadata.namespace).replace(/\/$/, ''), object);
const remove = (resource: ResourceType, name: string) => admin.delete(resource.path(name, 'payments'));
const reports = (kind: string, name: string) => client.statements().filter(({ operationType, object }) => operationType === 'reconcile.report' && object?.kind === kind && object.name === name);
const actionsOf = (kind: string, name: string) => reports(kind, name).flatMap(({ details }) => (details as { actions: string[] }).actions);

async function joinNode(name: string, region: NodePlace['region']): Promise<void> {
  await create(RESOURCES.Node, { metadata: { name } });
  const status = { allocatable: { cpu: '4', memory: '8Gi', pods: '20', 'ephemeral-storage': '10Gi' }, conditions: [{ type: 'Ready', status: 'True' }] };
  const node = await admin.patch<Node>(`${RESOURCES.Node.path(name)}/status`, 'application/strategic-merge-patch+json', { status });
  await admin.patch(RESOURCES.Node.path(name), 'application/merge-patch+json', { spec: { taints: null } });
  const chain = new ChainWriter(client.as('node-operator'), createMetrics());
  const places = new Map([[name, { name, region, zone: '' }]]);
  const agent = new AgentReconciler({
    client,
    chain,
    events: new EventRecorder(admin, silentLogger(), 'agent'),
    node: () => node,
    commitments: ownCommitments({ client, chain, places, keys: new Map([[name, createNodeKey()]]), networkBandwidth: 0 }),
  });
  await agent.reconcile(name);
}

/** Internal data of the EU, which may go anywhere until a policy says otherwise. */
async function runWorkload(name: string): Promise<void> {
  const object = sample('Workload') as Workload & KubeObject;
  object.metadata = { name, namespace: 'payments' };
  object.spec.dataClassification = 'Internal';
  object.spec.agreementRefs = [];
  Object.assign(object.spec.template.spec, { containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu: '10m' } } }] });
  await create(RESOURCES.Workload, object);
}

/** As webhook, kubelet: admitted, and running once it is bound. */
async function bringUp(workload: string, known: readonly string[] = []): Promise<Pod> {
  const pod = await soon(async () => {
    const { items } = await admin.get<{ items: Pod[] }>('/api/v1/namespaces/payments/pods', { labelSelector: `enc.metanode.io/workload=${workload}` });
    const [fresh] = items.filter(({ metadata }) => !known.includes(metadata.uid));
    expect(fresh).toBeDefined();
    return fresh!;
  });
  const { labels = {} } = (await admin.get<KubeObject>(RESOURCES.Namespace.path('payments'))).metadata;
  const owner = ledger.record<WorkloadRecord>(stateKeys.workload('payments', workload))!;
  const verdict = honestVerdict(client.policySet(), pod, { time: ledger.nextTime, labels, workload: { name: owner.name, uid: owner.uid } });
  client.commit([ledger.sign('webhook', 'admission.verdict', verdict)]);
  const { name } = pod.metadata;
  await soon(async () => expect((await inPayments<Pod>(RESOURCES.Pod, name)).spec.nodeName).toBeDefined());
  const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  await admin.patch(`${RESOURCES.Pod.path(name, 'payments')}/status`, 'application/strategic-merge-patch+json', { status });
  return inPayments<Pod>(RESOURCES.Pod, name);
}

async function applyPolicy(name: string, action: BisoPolicy['spec']['violationAction'], requirement: object): Promise<void> {
  const policy = sample('BisoPolicy') as BisoPolicy & KubeObject;
  policy.metadata = { name };
  Object.assign(policy.spec, { regions: ['EU'], classifications: ['Internal'], violationAction: action, rules: [{ ...policy.spec.rules[0]!, match: {}, requirement }] });
  await create(RESOURCES.BisoPolicy, policy);
}

beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true });
  admin = kubeApiFromFile(plane.kubeconfig);
  const kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  for (const folder of ['crds', 'config/crds', 'config/rbac'])
    expect(await kubectl(['apply', '--server-side', '-f', path.join(checkout, folder)])).toMatchObject({ code: 0 });
  for (const kind of ['EncCluster', 'Workload', 'BisoPolicy', 'TrafficRule', 'PolicyReport'] as const) await soon(() => admin.get(RESOURCES[kind].collection));
  await create(RESOURCES.Namespace, { metadata: { name: 'payments', labels: { 'enc.metanode.io/enforced': 'true' } } });
  const file = path.join(plane.folder, 'operator.kubeconfig');
  await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: plane.kubeconfig, namespace: 'enc-system', account: 'enc-operator', file });
  own = kubeApiFromFile(file);
  const metrics = createMetrics();
  operator = new Operator({ api: own, client, genesis: ledger.genesis, logger: silentLogger(), metrics, informers: createInformers(own, silentLogger(), metrics), identity: 'test' });
  await operator.start();
  const cluster = sample('EncCluster') as KubeObject;
  cluster.metadata.name = 'eu-cluster';
  await create(RESOURCES.EncCluster, cluster);
  await soon(() => expect(client.policySet().clusters).toHaveLength(1));
  await joinNode('us-1', 'US');
});
afterAll(async () => {
  await operator?.stop();
  own?.close();
  admin?.close();
  await plane?.stop();
});

describe('migrate_workload', () => {
  it('places again through consensus on an allowed node, and only then removes the old pod', async () => {
    await runWorkload('mover');
    const old = await bringUp('mover');
    expect(old.spec.nodeName).toBe('us-1');
    await soon(async () => expect((await inPayments<Pod>(RESOURCES.Pod, old.metadata.name)).metadata.labels).toMatchObject({ [RUNTIME_LABELS.region]: 'US' }));

    await applyPolicy('stays-in-eu', 'migrate_workload', { regions: ['EU'] });
    await soon(() => expect(actionsOf('Pod', old.metadata.name)[0]).toContain('let go of pod'));
    await soon(async () =>
      expect((await inPayments<Pod>(RESOURCES.Pod, old.metadata.name)).metadata.labels).toMatchObject({ [RUNTIME_LABELS.moving]: old.metadata.ownerReferences![0]!.uid }),
    );
    await soon(async () => {
      const report = await inPayments<PolicyReport>(RESOURCES.PolicyReport, 'enc-workload-mover');
      expect(report).toMatchObject({ scope: { kind: 'Workload', name: 'mover' }, summary: { fail: 1 } });
      const failed = report.results.find(({ result }) => result === 'fail');
      expect(failed).toMatchObject({ policy: 'stays-in-eu', properties: { remedy: 'migrate', action: 'MigrationStarted', receipt: reports('Pod', old.metadata.name)[0]!.receiptId } });
    });

    // No allowed node yet: the old pod runs on.
    expect((await inPayments<Pod>(RESOURCES.Pod, old.metadata.name)).metadata.deletionTimestamp).toBeUndefined();
    await joinNode('eu-1', 'EU');
    const fresh = await bringUp('mover', [old.metadata.uid]);
    expect(fresh.spec.nodeName).toBe('eu-1');
    await soon(async () => expect((await inPayments<Pod>(RESOURCES.Pod, old.metadata.name)).metadata.deletionTimestamp).toBeDefined());
    await soon(() => expect(actionsOf('Pod', old.metadata.name).at(-1)).toBe(`removed pod ${old.metadata.name} from us-1, for pod ${fresh.metadata.name} serves on eu-1`));
    await admin.delete(RESOURCES.Pod.path(old.metadata.name, 'payments'), { gracePeriodSeconds: 0 });
    await soon(async () => expect((await inPayments<PolicyReport>(RESOURCES.PolicyReport, 'enc-workload-mover')).summary).toMatchObject({ fail: 0, pass: 1 }));
  });
});

describe('terminate_connection', () => {
  it('cuts the pod off by NetworkPolicy, reports it, mends the policy, and lets go when the cause is gone', async () => {
    await runWorkload('talker');
    const pod = await bringUp('talker');
    await applyPolicy('encrypted', 'terminate_connection', { expression: '"encrypted" in pod.labels' });
    await soon(async () => expect((await inPayments<Pod>(RESOURCES.Pod, pod.metadata.name)).metadata.labels).toMatchObject({ [RUNTIME_LABELS.cut]: 'true' }));
    const cut = await soon(() => inPayments<NetworkPolicy>(RESOURCES.NetworkPolicy, 'enc-cut'));
    expect(cut.spec).toEqual({ podSelector: { matchLabels: { [RUNTIME_LABELS.cut]: 'true' } }, policyTypes: ['Ingress', 'Egress'] });
    await soon(() => expect(actionsOf('Pod', pod.metadata.name)).toEqual([`cut all connections of pod ${pod.metadata.name} by NetworkPolicy`]));

    await remove(RESOURCES.NetworkPolicy, 'enc-cut');
    await soon(async () => expect((await inPayments<NetworkPolicy>(RESOURCES.NetworkPolicy, 'enc-cut')).metadata.uid).not.toBe(cut.metadata.uid));

    await admin.delete(RESOURCES.BisoPolicy.path('encrypted'));
    await soon(async () => expect((await inPayments<Pod>(RESOURCES.Pod, pod.metadata.name)).metadata.labels).not.toHaveProperty(RUNTIME_LABELS.cut));
    // Pod mover was cut off too, by the same policy, and let go.
    await gone(RESOURCES.NetworkPolicy, 'enc-cut');
  });
});

describe('TrafficRules', () => {
  it('are NetworkPolicies for the pods they speak of, and an edit by hand is undone with a receipt', async () => {
    const rule = sample('TrafficRule') as TrafficRule & KubeObject;
    rule.metadata = { name: 'not-to-the-us' };
    rule.spec = { source: { classifications: ['Internal'] }, destination: { regions: ['US'] }, light: 'Red', priority: 500, clause: { text: 'No.' } } as never;
    await create(RESOURCES.TrafficRule, rule);
    const name = 'enc-flows-internal-eu';
    const made = await soon(() => inPayments<NetworkPolicy>(RESOURCES.NetworkPolicy, name));
    const text = JSON.stringify(made.spec.egress);
    for (const region of ['EU', 'APAC']) expect(text).toContain(`"${RUNTIME_LABELS.region}":"${region}"`);
    expect(text).not.toContain('"US"');
    await admin.patch(RESOURCES.NetworkPolicy.path(name, 'payments'), 'application/merge-patch+json', { spec: { egress: [{}] } });
    await soon(async () => expect((await inPayments<NetworkPolicy>(RESOURCES.NetworkPolicy, name)).spec.egress).toEqual(made.spec.egress));
    await soon(() => expect(reports('NetworkPolicy', name).at(-1)?.reason).toBe(`somebody changed or deleted ${name}; put right`));
    await admin.delete(RESOURCES.TrafficRule.path('not-to-the-us'));
    await gone(RESOURCES.NetworkPolicy, name);
  });
});

describe('a pod without a certificate', () => {
  it('that came past admission does not go on running, whatever scheduler it names', async () => {
    const spec = { nodeName: 'us-1', schedulerName: 'mine', containers: [{ name: 'main', image: 'demo:1' }], terminationGracePeriodSeconds: 0 };
    await create(RESOURCES.Pod, { metadata: { name: 'stowaway', namespace: 'payments' }, spec } as KubeObject);
    await gone(RESOURCES.Pod, 'stowaway');
    await soon(() => expect(reports('Pod', 'stowaway')[0]).toMatchObject({ outcome: 'applied', reason: expect.stringContaining('NotCertified') as string }));
  });
});

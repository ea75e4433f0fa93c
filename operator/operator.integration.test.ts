import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { withDefaults } from '../api/defaults.js';
import { findCondition } from '../api/conditions.js';
import type { Agreement, BisoPolicy, EncCluster, Resource, Workload } from '../api/index.js';
import { FINALIZER } from '../api/labels.js';
import { sample } from '../api/testing/samples.js';
import { signAgreement } from '../chain/client/agreementSignatures.js';
import { createNodeKey } from '../chain/client/keyFile.js';
import { podSpecHash } from '../chain/client/podSpecHash.js';
import { TestChain } from '../chain/ledger/testing/testChain.js';
import { keyOf } from '../chain/ledger/testing/testGenesis.js';
import { stateKeys, type AgreementRecord, type NodeRecord, type SchedulingDecision, type WorkloadRecord } from '../chain/types.js';
import { startControlPlane, type ControlPlane } from '../e2e/cluster/controlPlane.js';
import { kubectlFor } from '../e2e/stack/kubectl.js';
import { writeServiceAccountKubeconfig } from '../e2e/stack/serviceAccountKubeconfig.js';
import { AgentReconciler } from './agent/agentReconciler.js';
import type { NodePlace } from './agent/config.js';
import { ownCommitments } from './agent/ownCommitments.js';
import { ChainWriter } from './ledger/chainWriter.js';
import { createInformers } from './informers.js';
import { Operator } from './operator.js';
import { EventRecorder } from './runtime/eventRecorder.js';
import type { KubeApi } from './runtime/kubeApi.js';
import { kubeApiFromFile } from './runtime/kubeApiFromFile.js';
import { isKubeError } from './runtime/kubeError.js';
import { RESOURCES, type Deployment, type KubeObject, type Node, type Pod } from './runtime/kubeObject.js';
import { createMetrics } from './runtime/metrics.js';
import { honestVerdict } from './testing/honestVerdict.js';
import { MemoryChain } from './testing/memoryChain.js';
import { silentLogger } from './testing/silentLogger.js';

const checkout = fileURLToPath(new URL('..', import.meta.url));
const GIB = 2 ** 30;

let plane: ControlPlane;
let admin: KubeApi;
let own: KubeApi;
let operator: Operator;
const logger = silentLogger();
const ledger = new TestChain();
const client = new MemoryChain(ledger);

const soon = <T>(what: () => Promise<T> | T) => vi.waitFor(what, { timeout: 20_000, interval: 50 });
const pathOf = ({ kind, metadata: { name, namespace } }: Resource) => RESOURCES[kind].path(name, namespace);
const read = <R extends Resource>(object: R) => admin.get<R>(pathOf(object));
const collection = (object: Resource) => pathOf({ ...object, metadata: { ...object.metadata, name: '' } } as Resource).replace(/\/$/, '');
const create = <R extends Resource>(object: R) => admin.create<R>(collection(object), object);
const change = (object: Resource, patch: object) => admin.patch(pathOf(object), 'application/merge-patch+json', patch);
const remove = (object: Resource) => admin.delete(pathOf(object));
const isGone = async (object: Resource) =>
  read(object).then(
    () => false,
    (error: unknown) => isKubeError(error, 'NotFound'),
  );
const events = async (name: string) => {
  const { items } = await admin.get<{ items: { regarding: { name: string }; reason: string; note: string; type: string }[] }>(
    '/apis/events.k8s.io/v1/events',
  );
  return items.filter(({ regarding }) => regarding.name === name);
};
const condition = (object: Resource, type: string) => findCondition(object.status?.conditions, type);
const receipts = (type: string, name: string) =>
  client.statements().filter(({ operationType, object }) => operationType === type && object?.name === name);

/** What the webhook would have certified: the pod's verdict, in a block of its own. */
async function admit(pod: Pod): Promise<void> {
  const { namespace } = pod.metadata;
  const { labels = {} } = (await admin.get<KubeObject>(RESOURCES.Namespace.path(namespace))).metadata;
  const owner = ledger.record<WorkloadRecord>(stateKeys.workload(namespace, pod.metadata.labels?.['enc.metanode.io/workload'] ?? ''));
  const workload = owner ? { name: owner.name, uid: owner.uid } : null;
  const verdict = honestVerdict(client.policySet(), pod, { time: ledger.nextTime, labels, workload });
  // What the operator has sent meanwhile is in the block before it.
  const results = client.commit([ledger.sign('webhook', 'admission.verdict', verdict)]);
  expect(results.at(-1)).toMatchObject({ outcome: 'allowed' });
}

const podsOf = async (workload: Workload): Promise<Pod[]> =>
  (await admin.get<{ items: Pod[] }>(`/api/v1/namespaces/payments/pods`, { labelSelector: `enc.metanode.io/workload=${workload.metadata.name}` }))
    .items;

async function podOf(workload: Workload): Promise<Pod> {
  return soon(async () => {
    const [pod] = await podsOf(workload);
    expect(pod).toBeDefined();
    return pod!;
  });
}

function workload(name: string, template: object = {}, cpu = '100m'): Workload {
  const object = sample('Workload');
  object.metadata = { name, namespace: 'payments' };
  Object.assign(object.spec.template.spec, {
    containers: [{ name: 'main', image: 'enc.local/demo:1', resources: { requests: { cpu } } }],
    ...template,
  });
  return object;
}

async function joinNode(name: string, region: NodePlace['region'], cpu = '4'): Promise<void> {
  await admin.create(RESOURCES.Node.collection, { metadata: { name, labels: { 'topology.kubernetes.io/region': region } } });
  const status = { allocatable: { cpu, memory: '8Gi', pods: '10', 'ephemeral-storage': '10Gi' }, conditions: [{ type: 'Ready', status: 'True' }] };
  const node = await admin.patch<Node>(`${RESOURCES.Node.path(name)}/status`, 'application/strategic-merge-patch+json', { status });
  // The controller manager runs here without a kubelet's lease to see, so the taint it sets at joining is taken off by hand.
  await admin.patch(RESOURCES.Node.path(name), 'application/merge-patch+json', { spec: { taints: null } });
  const chain = new ChainWriter(client.as('node-operator'), createMetrics());
  const places = new Map([[name, { name, region, zone: '' }]]);
  const agent = new AgentReconciler({
    client,
    chain,
    events: new EventRecorder(admin, logger, 'agent'),
    node: () => node,
    commitments: ownCommitments({ client, chain, places, keys: new Map([[name, createNodeKey()]]), networkBandwidth: 0 }),
  });
  expect(await agent.reconcile(name)).toMatchObject({ receiptId: expect.any(String) as string });
}

const setPhase = (pod: Pod, phase: string, ready = phase === 'Running') =>
  admin.patch(`${RESOURCES.Pod.path(pod.metadata.name, pod.metadata.namespace)}/status`, 'application/strategic-merge-patch+json', {
    status: { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });

/** As the kubelet does when the containers have stopped. */
const confirmGone = (pod: Pod) => admin.delete(RESOURCES.Pod.path(pod.metadata.name, pod.metadata.namespace), { gracePeriodSeconds: 0 });

async function startOperator(): Promise<Operator> {
  const metrics = createMetrics();
  const made = new Operator({ api: own, client, genesis: ledger.genesis, logger, metrics, informers: createInformers(own, logger, metrics), identity: 'test' });
  await made.start();
  return made;
}

beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true });
  admin = kubeApiFromFile(plane.kubeconfig);
  const kubectl = kubectlFor(plane.kubeconfig, plane.binDir);
  for (const folder of ['crds', 'config/crds', 'config/rbac']) {
    for (const file of readdirSync(path.join(checkout, folder)).toSorted())
      expect(await kubectl(['apply', '--server-side', '-f', path.join(checkout, folder, file)])).toMatchObject({ code: 0 });
  }
  for (const kind of ['EncCluster', 'Workload', 'Agreement', 'BisoPolicy', 'TrafficRule', 'PolicyException'] as const)
    await soon(() => admin.get(RESOURCES[kind].collection));
  await admin.create(RESOURCES.Namespace.collection, { metadata: { name: 'payments', labels: { 'enc.metanode.io/enforced': 'true' } } });
  const file = path.join(plane.folder, 'operator.kubeconfig');
  await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: plane.kubeconfig, namespace: 'enc-system', account: 'enc-operator', file });
  own = kubeApiFromFile(file);
  operator = await startOperator();
});
afterAll(async () => {
  await operator?.stop();
  own?.close();
  admin?.close();
  await plane?.stop();
});

describe('EncCluster', () => {
  it('is registered, held by the finalizer, and shows its receipt', async () => {
    const object = sample('EncCluster');
    object.metadata.name = 'eu-cluster';
    await create(object);
    const registered = await soon(async () => {
      const now = await read<EncCluster>(object);
      expect(now.status).toMatchObject({ phase: 'Registered', chainId: 'enc-test', observedGeneration: 1 });
      return now;
    });
    expect(registered.metadata.finalizers).toEqual([FINALIZER]);
    expect(client.policySet().clusters).toMatchObject([{ name: 'eu-cluster', uid: registered.metadata.uid, generation: 1 }]);
    const [report, ...more] = receipts('reconcile.report', 'eu-cluster');
    expect(registered.status?.latestReceipt).toEqual({ id: report!.receiptId, height: report!.blockHeight });
    expect(more).toEqual([]);
    expect(condition(registered, 'Ready')).toMatchObject({ status: 'True', reason: 'Active' });
  });
});

describe('BisoPolicy and TrafficRule', () => {
  it('go into the policy set at each generation, and leave it before their objects do', async () => {
    for (const object of [sample('BisoPolicy'), sample('TrafficRule')]) {
      await create(object);
      await soon(async () => expect((await read(object)).status).toMatchObject({ state: 'Active', observedGeneration: 1 }));
    }
    const rule = sample('TrafficRule');
    await change(rule, { spec: { priority: 7 } });
    await soon(async () => expect((await read(rule)).status).toMatchObject({ state: 'Active', observedGeneration: 2 }));
    expect(client.policySet().rules).toMatchObject([{ generation: 2, spec: { priority: 7 } }]);
    await remove(rule);
    await soon(async () => expect(await isGone(rule)).toBe(true));
    expect(client.policySet().rules).toEqual([]);
    await soon(() => expect(receipts('reconcile.report', 'sample-trafficrule')).toHaveLength(3));
  });

  it('show what the ledger refused, and try again when the policy set changes', async () => {
    const policy = sample('BisoPolicy');
    policy.metadata.name = 'does-not-compile';
    policy.spec.rules[0]!.requirement = { expression: 'pod.cpuMillis <' };
    await create(policy);
    const refused = await soon(async () => {
      const now = await read<BisoPolicy>(policy);
      expect(now.status?.state).toBe('Refused');
      return now;
    });
    expect(condition(refused, 'Accepted')).toMatchObject({
      status: 'False',
      reason: 'InvalidSpec',
      message: expect.stringContaining('spec.rules[0].requirement.expression') as string,
    });
    await soon(async () =>
      expect(await events('does-not-compile')).toContainEqual(expect.objectContaining({ type: 'Warning', reason: 'InvalidSpec' })),
    );
    await change(policy, { spec: { rules: [{ ...policy.spec.rules[0], requirement: { expression: 'pod.cpuMillis < 1000' } }] } });
    await soon(async () => expect((await read(policy)).status).toMatchObject({ state: 'Active' }));
    await remove(policy);
    await soon(async () => expect(await isGone(policy)).toBe(true));
  });

  it('have a status that others cannot keep changed', async () => {
    const policy = sample('BisoPolicy');
    await admin.patch(`${pathOf(policy)}/status`, 'application/merge-patch+json', { status: { state: 'Refused', hash: 'forged' } });
    await soon(async () =>
      expect((await read(policy)).status).toMatchObject({ state: 'Active', hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string }),
    );
  });
});

describe('Agreement', () => {
  const agreement = sample('Agreement');
  agreement.metadata.name = 'payments-agreement';
  agreement.spec.parties.forEach((party) => (party.publicKey = keyOf(party.name).publicKey));
  agreement.spec.signatures = [];
  agreement.spec.terms.requiredPolicies = ['sample-bisopolicy'];

  it('stays a draft until its parties have signed, then is in force and pins its policies', async () => {
    await create(agreement);
    const draft = await soon(async () => {
      const now = await read<Agreement>(agreement);
      expect(now.status?.state).toBe('Draft');
      return now;
    });
    expect(condition(draft, 'Accepted')?.message).toContain('bank and processor must sign agreement hash');
    const { signatures } = ['bank', 'processor'].reduce(
      (spec, party) => signAgreement(spec, keyOf(party)),
      withDefaults('Agreement', agreement.spec),
    );
    await change(agreement, { spec: { signatures } });
    const inForce = await soon(async () => {
      const now = await read<Agreement>(agreement);
      expect(now.status).toMatchObject({ state: 'InForce', observedGeneration: 2 });
      return now;
    });
    expect(inForce.status).toMatchObject({ height: ledger.record<AgreementRecord>(stateKeys.agreement(inForce.status!.hash!))!.height });

    const policy = sample('BisoPolicy');
    await change(policy, { spec: { description: 'weakened' } });
    const refused = await soon(async () => {
      const now = await read<BisoPolicy>(policy);
      expect(now.status).toMatchObject({ state: 'Refused', observedGeneration: 2 });
      return now;
    });
    expect(condition(refused, 'Accepted')).toMatchObject({
      reason: 'RequiredByAgreement',
      message: expect.stringContaining('generation 1 stays in force') as string,
    });
  });

  it('is held while it is in force, and its end lets policies change again', async () => {
    await remove(agreement);
    await soon(async () => expect(condition(await read<Agreement>(agreement), 'Removed')).toMatchObject({ reason: 'NotPermitted' }));
    const { uid = '' } = (await read(agreement)).metadata;
    client.commit(
      ['bank', 'processor'].map((party) => ledger.sign(party, 'agreement.terminate', { name: 'payments-agreement', uid, reason: 'end' })),
    );
    await soon(async () => expect(await isGone(agreement)).toBe(true));
    await soon(async () => expect((await read(sample('BisoPolicy'))).status).toMatchObject({ state: 'Active', observedGeneration: 2 }));
  });
});

describe('Workload and scheduler', () => {
  const eu = workload('eu-payments');

  it('makes pods that wait, says why, and places them when a node joins', async () => {
    await create(eu);
    const pod = await podOf(eu);
    expect(pod).toMatchObject({
      spec: { schedulerName: 'enc-scheduler' },
      metadata: { labels: { 'enc.metanode.io/data-classification': 'Restricted' } },
    });
    await admit(pod);
    const waiting = await soon(async () => {
      const now = await admin.get<Pod>(RESOURCES.Pod.path(pod.metadata.name, 'payments'));
      const scheduled = now.status?.conditions?.find(({ type }) => type === 'PodScheduled');
      expect(scheduled).toMatchObject({ status: 'False', reason: 'Unschedulable' });
      return scheduled!;
    });
    await soon(async () => expect((await read<Workload>(eu)).status).toMatchObject({ state: 'Pending', message: waiting.message, light: 'Green' }));

    await joinNode('us-1', 'US');
    await joinNode('eu-1', 'EU');
    await soon(async () => expect((await admin.get<Pod>(RESOURCES.Pod.path(pod.metadata.name, 'payments'))).spec.nodeName).toBe('eu-1'));
    await soon(async () =>
      expect(await events(pod.metadata.name)).toContainEqual(
        expect.objectContaining({ reason: 'Scheduled', note: expect.stringMatching(/to eu-1: .*height \d+, receipt [0-9a-f]{64}/) as string }),
      ),
    );
    expect((await events(pod.metadata.name)).some(({ reason }) => reason === 'FailedScheduling')).toBe(true);
    const [placement] = receipts('placement.request', pod.metadata.name).filter(({ code }) => code === 'Placed');
    await soon(async () => {
      const { status } = await read<Workload>(eu);
      expect(status).toMatchObject({
        state: 'Scheduled',
        decisions: [{ pod: pod.metadata.name, node: 'eu-1', height: placement!.blockHeight, receiptId: placement!.receiptId }],
      });
    });
  });

  it('follows the pod to Running', async () => {
    const pod = await podOf(eu);
    await setPhase(pod, 'Running');
    await soon(async () => expect((await read<Workload>(eu)).status).toMatchObject({ state: 'Running', readyReplicas: 1 }));
    expect(ledger.record<SchedulingDecision>(stateKeys.decision(pod.metadata.uid))?.state).toBe('Running');
  });

  it('repairs a Deployment that somebody changed', async () => {
    const deployment = RESOURCES.Deployment.path('eu-payments', 'payments');
    await admin.patch(deployment, 'application/merge-patch+json', { spec: { replicas: 0 } });
    await soon(async () => expect((await admin.get<Deployment>(deployment)).spec.replicas).toBe(1));
    await soon(() => expect(receipts('reconcile.report', 'eu-payments').at(-1)?.details).toMatchObject({ actions: ['changed Deployment eu-payments'] }));
  });

  it('binds what was decided before a restart, and releases what went meanwhile', async () => {
    const decided = workload('decided-before');
    await create(decided);
    const pod = await podOf(decided);
    const [running] = (await podsOf(eu)).filter(({ spec }) => spec.nodeName);
    await operator.stop();
    await admit(pod);
    client.commit([ledger.sign('operator', 'placement.request', { podUid: pod.metadata.uid, specHash: podSpecHash(pod), attempt: 0 })]);
    await confirmGone(running!);
    ledger.commit([], ledger.nextTime + 120_000);
    expect(ledger.record<SchedulingDecision>(stateKeys.decision(running!.metadata.uid))).toBeDefined();
    const before = ledger.record<NodeRecord>(stateKeys.node('eu-1'))!.allocated;

    operator = await startOperator();
    await soon(async () => expect((await admin.get<Pod>(RESOURCES.Pod.path(pod.metadata.name, 'payments'))).spec.nodeName).toBe('eu-1'));
    // Asked again, the chain tells of the decision that was made before; there is no second one.
    await soon(() => expect(receipts('placement.request', pod.metadata.name).map(({ code }) => code)).toEqual(['Placed', 'AlreadyPlaced']));
    await soon(() => expect(ledger.record(stateKeys.decision(running!.metadata.uid))).toBeUndefined());
    expect(ledger.record<NodeRecord>(stateKeys.node('eu-1'))!.allocated.cpuMillis).toBe(before.cpuMillis - 100);
  });

  it('lets a pod wait for room, and places it when a pod goes', async () => {
    const [big, bigger] = [workload('big', {}, '2500m'), workload('bigger', {}, '3000m')];
    await create(big);
    const first = await podOf(big);
    await admit(first);
    await soon(() => expect(ledger.record<SchedulingDecision>(stateKeys.decision(first.metadata.uid))?.targetNode).toBe('eu-1'));
    await create(bigger);
    const second = await podOf(bigger);
    await admit(second);
    await soon(() =>
      expect(ledger.record(stateKeys.waiting(second.metadata.uid))).toMatchObject({
        explanation: { message: expect.stringContaining('waiting') as string },
      }),
    );
    await remove(big);
    await soon(async () => expect((await podsOf(big))[0]?.metadata.deletionTimestamp).toBeDefined());
    expect(await isGone(big)).toBe(false);
    await confirmGone(first);
    await soon(async () => expect(await isGone(big)).toBe(true));
    expect(ledger.record(stateKeys.workload('payments', 'big'))).toBeUndefined();
    await soon(async () => expect((await admin.get<Pod>(RESOURCES.Pod.path(second.metadata.name, 'payments'))).spec.nodeName).toBe('eu-1'));
    await remove(bigger);
    await confirmGone(second);
    await soon(async () => expect(await isGone(bigger)).toBe(true));
  });

  it('does not place a pod that no verdict admitted', async () => {
    const forged = workload('forged');
    await create(forged);
    const pod = await podOf(forged);
    await soon(async () =>
      expect(await events(pod.metadata.name)).toContainEqual(
        expect.objectContaining({ reason: 'FailedScheduling', note: expect.stringContaining('NotAdmitted') as string }),
      ),
    );
    expect((await admin.get<Pod>(RESOURCES.Pod.path(pod.metadata.name, 'payments'))).spec.nodeName).toBeUndefined();
    await remove(forged);
  });

  it('takes a Job to Completed', async () => {
    const job = workload('nightly');
    job.spec.kind = 'Job';
    await create(job);
    const pod = await podOf(job);
    await admit(pod);
    await soon(async () => expect((await admin.get<Pod>(RESOURCES.Pod.path(pod.metadata.name, 'payments'))).spec.nodeName).toBe('eu-1'));
    await setPhase(pod, 'Succeeded');
    await soon(async () => expect((await read<Workload>(job)).status).toMatchObject({ state: 'Completed' }));
    expect(ledger.record<NodeRecord>(stateKeys.node('eu-1'))!.allocated.memoryBytes).toBeLessThan(GIB);
  });

  it('says that a namespace is not enforced instead of making pods that would wait for ever', async () => {
    const stray = workload('stray');
    stray.metadata.namespace = 'default';
    await create(stray);
    await soon(async () => expect(condition(await read<Workload>(stray), 'Ready')).toMatchObject({ reason: 'NamespaceNotEnforced' }));
    expect(await isKubeErrorNotFound(RESOURCES.Deployment.path('stray', 'default'))).toBe(true);
    await remove(stray);
  });
});

const isKubeErrorNotFound = (at: string) =>
  admin.get(at).then(
    () => false,
    (error: unknown) => isKubeError(error, 'NotFound'),
  );

describe('Node', () => {
  it('is reported when it is not ready any more', async () => {
    await admin.patch(`${RESOURCES.Node.path('us-1')}/status`, 'application/strategic-merge-patch+json', {
      status: { conditions: [{ type: 'Ready', status: 'False' }] },
    });
    await soon(() => expect(ledger.record<NodeRecord>(stateKeys.node('us-1'))?.ready).toBe(false));
  });
});

describe('quiet', () => {
  it('leaves no receipts when nothing changes, and does not follow its own status writes', async () => {
    const activity = () => ({
      receipts: client.statements().length,
      passes: logger.lines.filter(({ message }) => message.startsWith('quiet') || message === 'reconciled').length,
    });
    await vi.waitFor(
      async () => {
        const before = activity();
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        expect(activity()).toEqual(before);
      },
      { timeout: 60_000 },
    );
  });

  it('was never forbidden what it tried', () => {
    expect(logger.lines.filter(({ code, message }) => code === 'Forbidden' || /is forbidden/.test(message))).toEqual([]);
  });

  it('met no fault of its own', () => {
    expect(logger.lines.filter(({ code, level }) => code === 'InternalError' || level === 'error')).toEqual([]);
  });
});

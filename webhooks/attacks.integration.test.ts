// The attack list of a security reviewer, against a real API server: each way past the checks is refused with a receipt, or shown to gain nothing.
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withDefaults } from '../api/defaults.js';
import type { PolicyExceptionSpec, TrafficRuleSpec } from '../api/index.js';
import { API_VERSION, FINALIZER, LABELS, RUNTIME_LABELS } from '../api/labels.js';
import { signException } from '../chain/client/exceptionSignatures.js';
import { stateKeys } from '../chain/types.js';
import { generateEd25519 } from '../crypto/ed25519.js';
import type { PolicySet } from '../policy/types.js';
import { kubectlFor, must, type Kubectl, type KubectlResult } from '../e2e/stack/kubectl.js';
import { checkout } from '../e2e/stack/layout.js';
import { writeServiceAccountKubeconfig } from '../e2e/stack/serviceAccountKubeconfig.js';
import { recordTampering } from './configurationWatch.js';
import { webhookConfigurations } from './register.js';
import { tamperedHooks } from './tamperedHooks.js';
import { IDENTITY, startAdmissionPlane, type AdmissionPlane } from '../e2e/testing/admissionPlane.js';
import { clusterSpec, policySet, sovereigntySpec } from './testing/samples.js';
import type { WebhookStand } from './testing/webhookStand.js';

let on: AdmissionPlane;
let stand: WebhookStand;
let kubectl: Kubectl;

beforeAll(async () => {
  on = await startAdmissionPlane();
  ({ stand, kubectl } = on);
});
afterAll(() => on?.stop());
beforeEach(() => {
  stand.chain.verdicts.length = 0;
  stand.chain.policies = policySet();
});

const permitSpec = withDefaults('TrafficRule', { destination: { regions: ['US'] }, light: 'Green', clause: { text: 'Permitted.' } } as unknown as TrafficRuleSpec);
const OPERATOR = 'system:serviceaccount:enc-system:enc-operator';
const as = (user: string, ...groups: string[]) => [`--as=${user}`, ...groups.map((group) => `--as-group=${group}`)];
/** The API server lets this user do anything; only admission stands between. */
const asOperator = as(OPERATOR, 'system:masters');
/** A person is named by a commitment. */
const BY_A_PERSON = 'by person:';
const A_PERSON = expect.stringMatching(/^person:[0-9a-f]{64}$/) as string;
const last = () => stand.chain.verdicts.at(-1)!;
function expectRefused({ code, stderr }: KubectlResult, ...words: string[]): void {
  expect(code).not.toBe(0);
  for (const word of [...words, 'denied the request', `(receipt ${last().receiptId})`]) expect(stderr).toContain(word);
  expect(last().verdict.decision).toBe('refuse');
}
/** A pod of Restricted EU data as the chain knows it, made on the API server. */
async function admitted(classification = 'Restricted'): Promise<{ name: string; uid: string }> {
  const pod = on.podOf({}, { ...IDENTITY, [LABELS.dataClassification]: classification });
  await must(kubectl, ['create', '-f', '-'], JSON.stringify(pod));
  const { facts } = last();
  stand.chain.records.set(stateKeys.admission(facts.object.uid), { facts, policyHeight: 5, verdictId: '', height: 1 });
  return { name: pod.metadata.name, uid: facts.object.uid };
}
const patch = (resource: string, name: string, change: object, ...flags: string[]) =>
  kubectl(['patch', resource, name, '--type=merge', '-p', JSON.stringify(change), ...flags]);
const bindingOf = (name: string, uid: string, more: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name, namespace: 'payments', uid, ...more },
  target: { apiVersion: 'v1', kind: 'Node', name: 'eu-1' },
});
const bind = (name: string, uid: string, more?: object) => on.raw(`/api/v1/namespaces/payments/pods/${name}/binding`, bindingOf(name, uid, more));

describe('connections', () => {
  const exec = (name: string, ...flags: string[]) => kubectl(['exec', name, '-n', 'payments', ...flags, '--', 'id']);

  it.each<[string, (name: string) => Promise<KubectlResult>]>([
    ['exec', (name) => exec(name)],
    ...['attach?container=main&stdout=true', 'portforward?ports=8080', 'proxy/'].map((where): [string, (name: string) => Promise<KubectlResult>] => [
      where,
      (name) => kubectl(['get', '--raw', `/api/v1/namespaces/payments/pods/${name}/${where}`]),
    ]),
  ])('%s would carry Restricted data to somebody who may be anywhere: refused', async (_name, connect) => {
    const { name, uid } = await admitted();
    expectRefused(await connect(name), 'the data is sent to Global', 'TrafficRule default');
    expect(last().facts).toMatchObject({
      operation: 'CONNECT',
      user: A_PERSON,
      object: { kind: 'Pod', name, uid },
      data: { classification: 'Restricted', destinationRegions: ['Global'] },
    });
  });

  it('is let through, with a receipt, to somebody in a region that the data may go to', async () => {
    const { name } = await admitted();
    const { stderr } = await exec(name, ...as('eve', 'system:masters', 'enc.metanode.io:region:EU'));
    expect(stderr).not.toContain('denied the request');
    expect(last()).toMatchObject({ facts: { operation: 'CONNECT', data: { destinationRegions: ['EU'] } }, verdict: { decision: 'allow' } });
    expectRefused(await exec(name, ...as('eve', 'system:masters', 'enc.metanode.io:region:US')), 'the data is sent to US');
  });

  it('to a pod that no verdict admitted is refused', async () => {
    const pod = on.podOf();
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(pod));
    expectRefused(await exec(pod.metadata.name), 'NotAdmitted');
  });

  it('to whichever pod a Service stands for is refused; so is the kubelet, but not its metrics', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'shop', namespace: 'payments' }, spec: { ports: [{ port: 80 }] } };
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(service));
    expectRefused(await kubectl(['get', '--raw', '/api/v1/namespaces/payments/services/shop/proxy/']), 'ServiceProxy');
    await must(kubectl, ['create', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'eu-1' } }));
    for (const where of ['run/payments/pod/main', 'exec/payments/pod/main?command=id', 'logs/', 'pods', 'metrics/../pods'])
      expectRefused(await kubectl(['get', '--raw', `/api/v1/nodes/eu-1/proxy/${where}`]), 'NodeProxy');
    expect((await kubectl(['get', '--raw', '/api/v1/nodes/eu-1/proxy/metrics'])).stderr).not.toContain('denied the request');
  });
});

describe('subresources that take more than they are for', () => {
  it.each<[string, object]>([
    ['its phase', { status: { phase: 'Running' } }],
    ['its class', { metadata: { labels: { [LABELS.dataClassification]: 'Public' } } }],
  ])('pods/status does not change %s by hand', async (_name, change) => {
    const { name } = await admitted();
    expectRefused(await patch('pod', name, change, '-n', 'payments', '--subresource=status'), 'StatusEditedByHand', BY_A_PERSON);
  });

  it.each([RUNTIME_LABELS.cut, RUNTIME_LABELS.region, RUNTIME_LABELS.moving])('label %s, by which the operator enforces, is nobody else’s', async (key) => {
    const { name } = await admitted();
    expectRefused(await patch('pod', name, { metadata: { labels: { [key]: 'x' } } }, '-n', 'payments'), 'OperatorLabel', BY_A_PERSON);
    expectRefused(await on.create(on.podOf({}, { ...IDENTITY, [key]: 'x' })), 'OperatorLabel');
    expect((await patch('pod', name, { metadata: { labels: { [key]: 'x' } } }, '-n', 'payments', ...asOperator)).code).toBe(0);
  });

  it('pods/status is the kubelet’s, and of the control plane’s controllers: nobody is asked', async () => {
    const { name } = await admitted();
    stand.chain.verdicts.length = 0;
    const change = { status: { phase: 'Running' } };
    for (const user of [as('system:serviceaccount:kube-system:pod-garbage-collector', 'system:masters'), as('system:kube-scheduler', 'system:masters')])
      expect((await patch('pod', name, change, '-n', 'payments', '--subresource=status', ...user)).code).toBe(0);
    expect(stand.chain.verdicts).toEqual([]);
  });

  it.each(['status', 'finalize'])('namespaces/%s does not take a namespace out of enforcement', async (subresource) => {
    const name = `leaves-by-${subresource}`;
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { [LABELS.enforced]: 'true' } }, spec: { finalizers: ['kubernetes'] } };
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(namespace));
    const changed = { ...namespace, metadata: { name } };
    expectRefused(await kubectl(['replace', '--raw', `/api/v1/namespaces/${name}/${subresource}`, '-f', '-'], JSON.stringify(changed)), 'NamespaceLeavesEnforcement');
    expect((await kubectl(['get', 'namespace', name, '-o', `jsonpath={.metadata.labels}`])).stdout).toContain('enforced');
  });

  it('a Binding does not set what the pod was admitted without', async () => {
    const { name, uid } = await admitted();
    stand.chain.place({ pod: { kind: 'Pod', namespace: 'payments', name, uid }, targetNode: 'eu-1' });
    for (const more of [{ annotations: { 'enc.metanode.io/destination-regions': 'EU' } }, { labels: { [LABELS.dataClassification]: 'Public' } }])
      expectRefused(await bind(name, uid, more), 'BindingChangesPod');
    expect((await bind(name, uid, { annotations: { 'example.org/trace': '1' } })).code).toBe(0);
  });

  it('an eviction leaves a receipt; what comes in its place asks anew', async () => {
    const { name, uid } = await admitted();
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'payments' } };
    expect(await on.raw(`/api/v1/namespaces/payments/pods/${name}/eviction`, eviction)).toMatchObject({ code: 0 });
    expect(last()).toMatchObject({ facts: { object: { kind: 'Eviction', name, uid }, user: A_PERSON }, verdict: { decision: 'allow' } });
  });
});

describe('replays', () => {
  it('a decision for a pod that is gone does not bind the pod that took its name', async () => {
    const { name, uid } = await admitted();
    stand.chain.place({ pod: { kind: 'Pod', namespace: 'payments', name, uid }, targetNode: 'eu-1' });
    await must(kubectl, ['delete', 'pod', name, '-n', 'payments', '--grace-period=0', '--force']);
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(on.podOf({}, IDENTITY, { name })));
    const successor = last().facts.object.uid;
    expect(successor).not.toBe(uid);
    expectRefused(await bind(name, successor), 'NoDecision');
    // Under the old uid the certificate is right, but the API server has no such pod.
    expect((await bind(name, uid)).stderr).toMatch(/Conflict|precondition|UID/i);
    expect((await on.read(name)).spec.nodeName).toBeUndefined();
  });

  it('a webhook whose policies are behind cannot get a verdict taken; nothing passes meanwhile', async () => {
    stand.chain.validatorsPolicies = policySet({ policyHeight: 9 });
    const { code, stderr } = await on.create(on.podOf());
    stand.chain.validatorsPolicies = undefined;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/denied the request.*validators refused/) as string });
  });
});

describe('other identities', () => {
  it('to be the operator does not bind without a certificate', async () => {
    const { name, uid } = await admitted();
    const where = `/api/v1/namespaces/payments/pods/${name}/binding`;
    expectRefused(await kubectl(['create', '--raw', where, '-f', '-', ...asOperator], JSON.stringify(bindingOf(name, uid))), 'NoDecision');
  });

  it.each(['system:serviceaccount:kube-system:daemon-set-controller', 'system:serviceaccount:kube-system:replicaset-controller', 'system:node:eu-1', OPERATOR])(
    'a pod that %s makes is judged like any other',
    async (user) => {
      const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'd1', controller: true, blockOwnerDeletion: true };
      const pod = on.podOf({ nodeName: 'us-1' }, IDENTITY, { ownerReferences: [owner] });
      expectRefused(await on.create(pod, ...as(user, 'system:masters')), 'NodeNamePreset');
    },
  );

  it('a mirror pod, by which a kubelet shows a static pod, is refused: a file on a node puts nothing into an enforced namespace', async () => {
    const node = JSON.parse(await must(kubectl, ['create', '-f', '-', '-o', 'json'], JSON.stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'eu-9' } }))) as { metadata: { uid: string } };
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: 'eu-9', uid: node.metadata.uid, controller: true }];
    // As a kubelet makes it: without a service account, owned by its node.
    const mirror = on.podOf({ nodeName: 'eu-9' }, IDENTITY, { ownerReferences, annotations: { 'kubernetes.io/config.mirror': 'abc', 'kubernetes.io/config.source': 'file' } });
    for (const who of [as('system:node:eu-9', 'system:nodes', 'system:masters'), as('eve', 'system:masters')]) {
      const result = await on.create(mirror, ...who);
      expect(result.stderr).toContain('denied the request');
      expectRefused(result, 'NodeNamePreset');
    }
  });

  it('a token of the operator, had by serviceaccounts/token, binds nothing that is not certified', async () => {
    await must(kubectl, ['apply', '-f', path.join(checkout, 'config/rbac/operator.yaml')]);
    const file = path.join(on.plane.folder, 'stolen.kubeconfig');
    await writeServiceAccountKubeconfig(kubectl, { adminKubeconfig: on.plane.kubeconfig, namespace: 'enc-system', account: 'enc-operator', file });
    const stolen = kubectlFor(file, on.plane.binDir);
    expect((await stolen(['auth', 'whoami'])).stdout).toContain(OPERATOR);
    const { name, uid } = await admitted();
    expectRefused(await stolen(['create', '--raw', `/api/v1/namespaces/payments/pods/${name}/binding`, '-f', '-'], JSON.stringify(bindingOf(name, uid))), 'NoDecision');
    expect(last().facts.user).toBe(OPERATOR);
  });

  it('to be owned by a Workload gives no identity: the ledger’s record does', async () => {
    const owner = { apiVersion: API_VERSION, kind: 'Workload', name: 'shop', uid: 'w1', controller: true };
    expectRefused(await on.create(on.podOf({}, {}, { ownerReferences: [owner] })), 'MissingLabel');
    expectRefused(await on.create(on.podOf({}, { ...IDENTITY, [LABELS.workload]: 'never-registered' }, { ownerReferences: [owner] })), 'UnknownWorkload');
  });
});

describe('from outside the enforced namespaces', () => {
  const debugPod = { nodeName: 'eu-1', hostPID: true, hostNetwork: true, volumes: [{ name: 'host', hostPath: { path: '/' } }] };
  const volume = (path: string) => ({ volumes: [{ name: 'host', hostPath: { path } }] });

  it.each<[string, object]>([
    ['kubectl debug node', debugPod],
    ['the host’s processes', { hostPID: true }],
    ['a privileged container', { containers: [{ name: 'a', image: 'i', securityContext: { privileged: true } }] }],
    ['the container runtime’s socket', volume('/run/containerd/containerd.sock')],
    ['the kubelet’s folder', volume('/var/lib/kubelet/pods')],
    ['the same by a detour', volume('//var//lib/./kubelet')],
  ])('%s does not reach the node of an enforced pod', async (_name, spec) => {
    expectRefused(await on.create(on.podOf(spec, {}, { namespace: 'free' })), 'HostAccess');
    expectRefused(await on.create(on.podOf(spec, {}, { namespace: 'default' })), 'HostAccess');
  });

  it('an ordinary pod, or the control plane’s own, is nobody’s concern', async () => {
    expect((await on.create(on.podOf(volume('/srv/cache'), {}, { namespace: 'free' }))).code).toBe(0);
    expect((await on.create(on.podOf(debugPod, {}, { namespace: 'kube-system' }))).code).toBe(0);
    expect(stand.chain.verdicts).toEqual([]);
  });
});

describe('an emergency', () => {
  const keys = ['alice', 'bob'].map((name) => ({ name, ...generateEd25519() }));
  const approvers = keys.map(({ name, publicKey }) => ({ name, publicKey }));
  const glassed = (): Partial<PolicySet> => ({
    agreements: [],
    clusters: [{ name: 'eu-cluster', uid: 'uid-eu-cluster', generation: 1, spec: { ...clusterSpec, breakGlass: { approvers, required: 2, maxMinutes: 60 } } }],
  });
  const glass = (changes: Partial<PolicyExceptionSpec> = {}, signers = keys) => {
    const unsigned = { targets: [], breakGlass: { cluster: 'eu-cluster' }, scope: { namespaces: ['payments'] }, reason: 'The EU region is down.', expiresAt: new Date(Date.now() + 1_800_000).toISOString(), approvals: [], ...changes };
    const spec = signers.reduce((signed: PolicyExceptionSpec, key) => signException('fire', signed, key), unsigned);
    return { name: 'fire', uid: 'uid-fire', generation: 1, spec };
  };
  /** Restricted EU data on a US node: what the policy refuses. */
  const forbidden = () => on.podOf({ nodeSelector: { [LABELS.region]: 'US' } });
  const open = (exception: ReturnType<typeof glass>) => (stand.chain.policies = policySet({ ...glassed(), rules: [{ name: 'permit', uid: 'u', generation: 1, spec: permitSpec }], exceptions: [exception] }));

  it('lets through what enough approvers opened, and says so; a pod that presets its node stays refused', async () => {
    open(glass());
    const { code, stderr } = await on.create(forbidden());
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Warning: BREAK-GLASS: excepted from sovereignty\/stays by PolicyException fire, approved by alice, bob/) as string });
    expect(last().verdict).toMatchObject({ decision: 'allow', exceptions: [{ breakGlass: true }], without: { decision: 'refuse' } });
    expectRefused(await on.create(on.podOf({ nodeName: 'us-1' })), 'NodeNamePreset');
  });

  it.each<[string, () => ReturnType<typeof glass>]>([
    ['too few approvers signed', () => glass({}, keys.slice(0, 1))],
    ['it is over', () => glass({ expiresAt: new Date(Date.now() - 1).toISOString() })],
    ['it is for another namespace', () => glass({ scope: { namespaces: ['free'] } })],
    ['it is for other pods', () => glass({ scope: { namespaces: ['payments'], podSelector: { matchLabels: { app: 'other' } } } })],
    ['it is another cluster’s', () => glass({ breakGlass: { cluster: 'us-cluster' } })],
  ])('opens nothing when %s', async (_when, exception) => {
    open(exception());
    expectRefused(await on.create(forbidden()), 'sovereignty/stays');
  });

  it('is told at once what is missing; a forged signature, or no scope, is not even taken', async () => {
    open(glass({}, []));
    const { breakGlass, scope, reason, expiresAt } = glass().spec;
    const object = (spec: object) => JSON.stringify({ apiVersion: API_VERSION, kind: 'PolicyException', metadata: { name: 'fire' }, spec: { breakGlass, scope, reason, expiresAt, ...spec } });
    const one = await kubectl(['create', '-f', '-'], object(glass({}, keys.slice(0, 1)).spec));
    expect({ code: one.code, stderr: one.stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/Warning: EncCluster eu-cluster asks for 2 signatures of alice, bob, 1 are there/) as string });
    await must(kubectl, ['delete', 'policyexception', 'fire']);
    expectRefused(await kubectl(['create', '-f', '-'], object({ ...glass().spec, reason: 'Another reason than was signed.' })), 'spec.approvals[0].signature');
    expect((await kubectl(['create', '-f', '-'], object({ scope: { namespaces: [] } }))).stderr).toMatch(/spec\.scope\.namespaces/);
  });

  it('does not change who may: a registered EncCluster keeps its approvers', async () => {
    const cluster = { apiVersion: API_VERSION, kind: 'EncCluster', metadata: { name: 'eu-cluster' }, spec: clusterSpec };
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(cluster));
    expectRefused(await patch('enccluster', 'eu-cluster', { spec: { breakGlass: { approvers: approvers.slice(0, 1), required: 1 } } }), 'spec.breakGlass');
    await must(kubectl, ['delete', 'enccluster', 'eu-cluster']);
  });
});

describe('objects that are law', () => {
  const policy = (name: string) => ({ apiVersion: API_VERSION, kind: 'BisoPolicy', metadata: { name, finalizers: [FINALIZER] }, spec: sovereigntySpec });

  it('a policy in force does not go with the whole collection, nor for want of its finalizer', async () => {
    stand.chain.policies = policySet({ agreements: [] });
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(policy('sovereignty')));
    stand.chain.policies = policySet();
    expectRefused(await kubectl(['delete', '--raw', '/apis/enc.metanode.io/v1alpha1/bisopolicies']), 'RequiredByAgreement', 'policy sovereignty');
    const bare = { metadata: { finalizers: null } };
    expectRefused(await patch('bisopolicy', 'sovereignty', bare), 'FinalizerTaken', BY_A_PERSON);
    expect((await patch('bisopolicy', 'sovereignty', { metadata: { labels: { a: 'b' } } })).code).toBe(0);
  });

  it('the definition of a kind cannot be taken away under objects in force; a changed one leaves a receipt', async () => {
    const name = 'bisopolicies.enc.metanode.io';
    expectRefused(await kubectl(['delete', 'crd', name]), 'DefinitionInUse');
    const { code } = await patch('crd', name, { spec: { names: { shortNames: ['law'] } } });
    expect(code).toBe(0);
    expect(last()).toMatchObject({ facts: { object: { kind: 'CustomResourceDefinition', name }, user: A_PERSON }, verdict: { decision: 'allow' } });
  });

  it('a webhook configuration that somebody opened is recognised, recorded and put right', async () => {
    const wanted = webhookConfigurations({ at: stand.url, authority: stand.authority }).find(({ kind }) => kind === 'ValidatingWebhookConfiguration')!;
    const live = async () => JSON.parse(await must(kubectl, ['get', 'validatingwebhookconfiguration', 'enc-mainnet', '-o', 'json', '--show-managed-fields'])) as never;
    expect(tamperedHooks(wanted, await live())).toEqual([]);
    const open = [{ op: 'add', path: '/webhooks/0/objectSelector', value: { matchLabels: { let: 'in' } } }, { op: 'replace', path: '/webhooks/1/failurePolicy', value: 'Ignore' }, { op: 'add', path: '/webhooks/2/matchConditions/-', value: { name: 'never', expression: 'false' } }];
    await must(kubectl, ['patch', 'validatingwebhookconfiguration', 'enc-mainnet', '--type=json', '-p', JSON.stringify(open)]);
    const hooks = tamperedHooks(wanted, await live());
    expect(hooks).toEqual(['admission.enc.metanode.io', 'resources.enc.metanode.io', 'status.enc.metanode.io']);
    const tampering = { kind: wanted.kind!, operation: 'UPDATE' as const, object: await live(), hooks };
    await recordTampering({ client: stand.chain, now: Date.now }, tampering);
    expect(last()).toMatchObject({ facts: { user: 'kubectl-patch', guards: [{ name: 'ConfigurationTampered' }] }, verdict: { decision: 'refuse' } });
    await stand.register();
    expect(tamperedHooks(wanted, await live())).toEqual([]);
  });
});

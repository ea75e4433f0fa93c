// The checks in a real API server's path: every way around them is refused with its reason and a receipt, and what is right gets through.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LABELS } from '../api/labels.js';
import { ChainError } from '../chain/client/chainError.js';
import { must, type Kubectl, type KubectlResult } from '../e2e/stack/kubectl.js';
import { waitFor } from '../e2e/stack/waitFor.js';
import { IDENTITY, startAdmissionPlane, type AdmissionPlane } from '../e2e/testing/admissionPlane.js';
import { makeAuthority } from './tls/selfMade.js';
import { policySet, sovereigntySpec, yellowSpec } from './testing/samples.js';
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

const podOf: AdmissionPlane['podOf'] = (...given) => on.podOf(...given);
const create: AdmissionPlane['create'] = (...given) => on.create(...given);
const raw: AdmissionPlane['raw'] = (...given) => on.raw(...given);
const read: AdmissionPlane['read'] = (name) => on.read(name);
/** How often this program wrote into an object. */
const mutatedHere = async () => (await stand.metrics.answers.get()).values.filter(({ labels }) => labels.code === 'Mutated').reduce((sum, { value }) => sum + value, 0);
const last = () => stand.chain.verdicts.at(-1)!;
/** Refused by the webhook, with these words and the receipt of the verdict that was recorded. */
function expectRefused({ code, stderr }: KubectlResult, ...words: string[]): void {
  expect(code).not.toBe(0);
  for (const word of [...words, 'denied the request', `(receipt ${last().receiptId})`]) expect(stderr).toContain(word);
  expect(last().verdict.decision).toBe('refuse');
}
describe('a pod', () => {
  it('is admitted with the certified scheduler and its identity, under the uid and spec it is stored with', async () => {
    const pod = podOf();
    expect(await create(pod)).toMatchObject({ code: 0, stderr: '' });
    const stored = await read(pod.metadata.name);
    expect(stored.spec.schedulerName).toBe('enc-scheduler');
    expect(stored.metadata.labels).toEqual({ ...IDENTITY, [LABELS.cluster]: 'eu-cluster' });
    const { facts, verdict } = last();
    expect(facts).toMatchObject({
      operation: 'CREATE',
      user: expect.stringMatching(/^person:[0-9a-f]{64}$/) as string,
      object: { uid: stored.metadata.uid, name: pod.metadata.name, specHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
    });
    expect(verdict).toMatchObject({ decision: 'allow', allowedRegions: ['EU'] });
  });

  it('gets both from the API server itself where one EncCluster alone enforces, and from here again when that is no more', async () => {
    const given = async () => {
      const before = await mutatedHere();
      const pod = podOf();
      expect(await create(pod)).toMatchObject({ code: 0, stderr: '' });
      const stored = await read(pod.metadata.name);
      expect(stored.spec.schedulerName).toBe('enc-scheduler');
      expect(stored.metadata.labels).toEqual({ ...IDENTITY, [LABELS.cluster]: 'eu-cluster' });
      return (await mutatedHere()) > before ? 'here' : 'by the API server';
    };
    const { clusters } = policySet();
    await stand.registerIdentity({ clusters });
    await waitFor('the API server to write it', async () => (await given()) === 'by the API server');
    const free = podOf({}, {}, { namespace: 'free' });
    await create(free);
    expect(await must(kubectl, ['get', 'pod', free.metadata.name, '-n', 'free', '-o', 'jsonpath={.spec.schedulerName} {.metadata.labels}'])).toBe('default-scheduler ');
    expectRefused(await create(podOf({}, { ...IDENTITY, [LABELS.cluster]: 'other' })), 'LabelMismatch');
    await stand.registerIdentity({ clusters: [...clusters, { ...clusters[0]!, name: 'another' }] });
    await waitFor('the webhook to write it', async () => (await given()) === 'here');
  });

  it('is asked for by somebody whose name can be erased, with a receipt, and who is another from then on', async () => {
    await create(podOf());
    const before = last().facts.user;
    await must(kubectl, ['delete', 'secrets', '--all', '-n', 'enc-personal']);
    expect(last()).toMatchObject({ facts: { operation: 'DELETE', object: { kind: 'PersonalName', name: before } }, verdict: { decision: 'allow' } });
    await waitFor('another commitment for the same person', async () => {
      await create(podOf());
      return last().facts.user !== before;
    });
    expect(last().facts.user).toMatch(/^person:[0-9a-f]{64}$/);
    expect(JSON.stringify(stand.chain.verdicts)).not.toContain('enc-admin');
  });

  it('is not asked for by somebody whose name cannot be kept, who is told what to do; what leaves no receipt, and programs, go on', async () => {
    await must(kubectl, ['delete', 'rolebinding', 'enc-webhooks-personal', '-n', 'enc-personal']);
    const nameless = await waitFor('a refusal', async () => {
      await must(kubectl, ['delete', 'secrets', '--all', '-n', 'enc-personal', '--as=system:admin', '--as-group=system:masters']);
      const { code, stderr } = await create(podOf());
      return code !== 0 && stderr;
    });
    expect(nameless).toContain('could not be kept in namespace enc-personal: if the namespace or the webhooks\' rights there are gone, make them again');
    await must(kubectl, ['create', 'namespace', 'of-nobody']);
    expect(await create(podOf(), '--as=system:admin', '--as-group=system:masters')).toMatchObject({ code: 0 });
    await must(kubectl, ['apply', '-f', 'config/rbac/webhooks.yaml']);
    await waitFor('a pod of somebody', async () => (await create(podOf())).code === 0);
    expect(last().facts.user).toMatch(/^person:[0-9a-f]{64}$/);
  });

  it('takes its identity from a Workload on the ledger', async () => {
    stand.chain.register({
      namespace: 'payments',
      name: 'shop',
      uid: 'w1',
      data: {
        classification: 'Internal',
        sourceRegion: 'EU',
        destinationRegions: ['US'],
        operationType: 'Transfer',
        regulations: ['GDPR'],
        agreements: [],
      },
    });
    const pod = podOf({}, { [LABELS.workload]: 'shop' });
    const { code, stderr } = await create(pod);
    expect(code).toBe(0);
    expect(stderr).toMatch(/Warning: Yellow, rule eu-to-us: encrypt/);
    expect(stderr).toContain(`Warning: receipt ${last().receiptId}`);
    expect((await read(pod.metadata.name)).metadata).toMatchObject({
      labels: { [LABELS.dataClassification]: 'Internal', [LABELS.operationType]: 'Transfer' },
      annotations: { 'enc.metanode.io/destination-regions': 'US' },
    });
  });

  it.each<[string, () => object, string[]]>([
    ['names its own node', () => podOf({ nodeName: 'us-1' }), ['NodeNamePreset', 'spec.nodeName is "us-1"', 'leave spec.nodeName out']],
    ['names another scheduler', () => podOf({ schedulerName: 'mine' }), ['WrongScheduler', 'spec.schedulerName is "mine"']],
    [
      'says nothing of its data',
      () => podOf({}, {}),
      ['MissingLabel', LABELS.dataClassification, 'Public, Internal, Confidential, Restricted', LABELS.dataRegion],
    ],
    ['belongs to a Workload that is not there', () => podOf({}, { ...IDENTITY, [LABELS.workload]: 'none' }), ['UnknownWorkload', '"none"']],
    [
      'asks for a region its data may not be in',
      () => podOf({ nodeSelector: { [LABELS.region]: 'US' } }),
      ['BisoPolicy sovereignty/stays', 'GDPR Art. 44', 'Chapter V', 'pin it to the EU'],
    ],
  ])('that %s is refused', async (_name, pod, words) => expectRefused(await create(pod()), ...words));

  it('that claims to mirror a static pod does not even reach us, unless it names a node', async () => {
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    expect((await create(podOf({}, IDENTITY, { annotations }))).stderr).toContain('must set spec.nodeName if mirror pod annotation is set');
    expectRefused(await create(podOf({ nodeName: 'us-1' }, IDENTITY, { annotations })), 'NodeNamePreset', 'MirrorPod');
  });

  it('is told the same by a dry run, which leaves no trace', async () => {
    expect((await create(podOf(), '--dry-run=server')).code).toBe(0);
    const refused = await create(podOf({ nodeSelector: { [LABELS.region]: 'US' } }), '--dry-run=server');
    expect(refused.stderr).toMatch(/BisoPolicy sovereignty\/stays.*\(dry run: no receipt\)/);
    expect(stand.chain.verdicts).toEqual([]);
  });

  it('of a namespace that nobody enforces is left alone', async () => {
    expect((await create(podOf({}, {}, { namespace: 'free' }))).code).toBe(0);
    expect(stand.chain.verdicts).toEqual([]);
  });
});

describe('after admission', () => {
  let name: string;
  beforeAll(async () => {
    const pod = podOf({ containers: [{ name: 'main', image: 'demo:1', resources: { requests: { cpu: '10m' } } }] });
    name = pod.metadata.name;
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(pod));
  });
  const patch = (change: object, ...flags: string[]) => kubectl(['patch', 'pod', name, '-n', 'payments', '-p', JSON.stringify(change), ...flags]);

  it.each<[string, object, string[], string]>([
    ['its image', { spec: { containers: [{ name: 'main', image: 'other:1' }] } }, [], 'spec.containers'],
    ['its tolerations', [{ op: 'add', path: '/spec/tolerations/-', value: { operator: 'Exists' } }], ['--type=json'], 'spec.tolerations'],
    ['its class', { metadata: { labels: { [LABELS.dataClassification]: 'Public' } } }, [], LABELS.dataClassification],
    ['its cluster', { metadata: { labels: { [LABELS.cluster]: null } } }, [], LABELS.cluster],
    [
      'its resources in place',
      { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '8' } } }] } },
      ['--subresource=resize'],
      'spec.containers',
    ],
  ])('%s cannot be changed', async (_name, change, flags, what) => expectRefused(await patch(change, ...flags), 'ChangedAfterAdmission', what));

  it('ephemeral containers cannot be added', async () => {
    const change = { spec: { ephemeralContainers: [{ name: 'debugger', image: 'sh:1' }] } };
    expectRefused(await patch(change, '--subresource=ephemeralcontainers'), 'EphemeralContainer', 'debugger');
  });

  it('other labels may change, without a question', async () => {
    expect((await patch({ metadata: { labels: { app: 'x' } } })).code).toBe(0);
    expect(stand.chain.verdicts).toEqual([]);
  });
});

describe('a binding', () => {
  const bindings = (name: string) => `/api/v1/namespaces/payments/pods/${name}/binding`;
  const binding = (name: string, node: string, uid?: string) => ({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace: 'payments', ...(uid === undefined ? {} : { uid }) },
    target: { apiVersion: 'v1', kind: 'Node', name: node },
  });
  const unbound = async () => {
    const pod = podOf();
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(pod));
    return { name: pod.metadata.name, uid: (await read(pod.metadata.name)).metadata.uid };
  };

  it('by hand is refused: without a decision, to another node, without a uid, and by the old path', async () => {
    const { name, uid } = await unbound();
    expectRefused(await raw(bindings(name), binding(name, 'us-1', uid)), 'NoDecision');
    stand.chain.place({ pod: { kind: 'Pod', namespace: 'payments', name, uid }, targetNode: 'eu-1' });
    expectRefused(await raw(bindings(name), binding(name, 'us-1', uid)), 'OtherNode', 'places the pod on eu-1');
    expectRefused(await raw(bindings(name), binding(name, 'eu-1')), 'BindingWithoutUid');
    expectRefused(await raw('/api/v1/namespaces/payments/bindings', binding(name, 'eu-1', uid)), 'BindingWithoutUid');
    expect((await read(name)).spec.nodeName).toBeUndefined();
    expect(stand.chain.verdicts.map(({ facts }) => facts.operation)).toEqual(['CREATE', 'BIND', 'BIND', 'BIND', 'BIND']);
  });

  it('to the decided node goes through, with a receipt', async () => {
    const { name, uid } = await unbound();
    stand.chain.place({ pod: { kind: 'Pod', namespace: 'payments', name, uid }, targetNode: 'eu-1' });
    expect((await raw(bindings(name), binding(name, 'eu-1', uid))).code).toBe(0);
    expect((await read(name)).spec.nodeName).toBe('eu-1');
    expect(last()).toMatchObject({ facts: { operation: 'BIND', object: { name, uid } }, verdict: { decision: 'allow' } });
  });
});

describe('a namespace', () => {
  it('does not leave enforcement, by whatever label', async () => {
    expectRefused(await kubectl(['label', 'namespace', 'payments', `${LABELS.enforced}-`]), 'NamespaceLeavesEnforcement', 'eu-cluster');
    expectRefused(await kubectl(['label', 'namespace', 'payments', '--overwrite', `${LABELS.enforced}=false`]), 'NamespaceLeavesEnforcement');
    expect((await kubectl(['label', 'namespace', 'payments', 'team=a'])).code).toBe(0);
  });

  it('comes under enforcement with a receipt, and at once', async () => {
    const name = 'joins';
    await must(kubectl, ['create', 'namespace', name]);
    await must(kubectl, ['label', 'namespace', name, `${LABELS.enforced}=true`]);
    expect(last().facts).toMatchObject({ object: { kind: 'Namespace', name } });
    await expect.poll(async () => (await create(podOf({}, {}, { namespace: name }), '--dry-run=server')).stderr).toContain('MissingLabel');
  });

  it('is not freed of its name, by which others are exempt', async () => {
    await kubectl(['label', 'namespace', 'payments', '--overwrite', 'kubernetes.io/metadata.name=kube-system']);
    expectRefused(await create(podOf({ nodeName: 'us-1' })), 'NodeNamePreset');
  });
});

describe('the project’s kinds', () => {
  const apiVersion = 'enc.metanode.io/v1alpha1';
  const policy = (name: string, changes: object = {}) => ({
    apiVersion,
    kind: 'BisoPolicy',
    metadata: { name },
    spec: { ...sovereigntySpec, ...changes },
  });
  const requirement = (value: object) => ({ rules: [{ ...sovereigntySpec.rules[0]!, requirement: value }] });

  it('are refused where their meaning is wrong, with field, value and cure', async () => {
    const { stderr } = await create(policy('broken', requirement({ expression: 'pod.cpuMillis <=' })));
    for (const word of [
      'spec.rules[0].requirement.expression',
      'pod.cpuMillis <=',
      'at character',
      'write a CEL expression',
      `(receipt ${last().receiptId})`,
    ])
      expect(stderr).toContain(word);
  });

  it('warn of overlaps when they are applied', async () => {
    const { obligations: _, ...plain } = yellowSpec as typeof yellowSpec & { obligations: unknown };
    const { code, stderr } = await create({ apiVersion, kind: 'TrafficRule', metadata: { name: 'no-us' }, spec: { ...plain, light: 'Red' } });
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/Warning: overlaps TrafficRule eu-to-us \(Yellow\).*no-us \(Red\) decides/) as string,
    });
  });

  it('stay in force while an agreement requires them', async () => {
    stand.chain.policies = policySet({ agreements: [] });
    expect((await create(policy('sovereignty'))).code).toBe(0);
    stand.chain.policies = policySet();
    expectRefused(await kubectl(['delete', 'bisopolicy', 'sovereignty']), 'RequiredByAgreement', 'payments-agreement');
    expectRefused(
      await kubectl(['patch', 'bisopolicy', 'sovereignty', '--type=merge', '-p', '{"spec":{"description":"other"}}']),
      'RequiredByAgreement',
    );
    stand.chain.policies = policySet({ agreements: [] });
    expect((await kubectl(['delete', 'bisopolicy', 'sovereignty'])).code).toBe(0);
  });

  it('have a status that nobody writes by hand, not even an administrator', async () => {
    stand.chain.policies = policySet({ agreements: [] });
    await must(kubectl, ['create', '-f', '-'], JSON.stringify(policy('quiet')));
    const active = JSON.stringify({ status: { state: 'Active' } });
    expectRefused(await kubectl(['patch', 'bisopolicy', 'quiet', '--subresource=status', '--type=merge', '-p', active]), 'StatusEditedByHand', 'by person:');
    expect(
      (
        await kubectl([
          'patch',
          'bisopolicy',
          'quiet',
          '--subresource=status',
          '--type=merge',
          '-p',
          active,
          '--as=system:serviceaccount:enc-system:enc-operator',
          '--as-group=system:masters',
        ])
      ).code,
    ).toBe(0);
  });
});

describe('when something is wrong', () => {
  it.each<[string, unknown, RegExp]>([
    [
      'validators that do not answer are named',
      new ChainError('Unreachable', 'acknowledged by 1 validators, 2 are needed; without a usable answer: http://127.0.0.1:21201 (ECONNREFUSED)'),
      /validators could not be asked.*21201 \(ECONNREFUSED\)/,
    ],
    ['a fault of the server refuses, with an error id', new TypeError('a bug'), /the check failed.*error [0-9a-f-]{36}/],
  ])('%s', async (_name, failure, message) => {
    stand.chain.failures.push(failure);
    const { code, stderr } = await create(podOf());
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) as string });
  });

  it('the configuration is put right where somebody changed it', async () => {
    const path_ = '/webhooks/0/failurePolicy';
    await must(kubectl, [
      'patch',
      'validatingwebhookconfiguration',
      'enc-mainnet',
      '--type=json',
      '-p',
      JSON.stringify([{ op: 'replace', path: path_, value: 'Ignore' }]),
    ]);
    await must(kubectl, ['delete', 'mutatingwebhookconfiguration', 'enc-mainnet']);
    await stand.register();
    const { webhooks } = JSON.parse(await must(kubectl, ['get', 'validatingwebhookconfiguration', 'enc-mainnet', '-o', 'json'])) as {
      webhooks: { failurePolicy: string }[];
    };
    expect(webhooks.map(({ failurePolicy }) => failurePolicy)).toEqual(['Fail', 'Fail', 'Fail', 'Fail', 'Ignore']);
    expect((await kubectl(['get', 'mutatingwebhookconfiguration', 'enc-mainnet'])).code).toBe(0);
  });

  it('replicas behind a Service that register at the same moment all are believed', async () => {
    const at = { namespace: 'enc-system', name: 'mainnet-webhooks', port: 443 };
    for (let round = 0; round < 3; round++) {
      await must(kubectl, ['delete', 'validatingwebhookconfigurations,mutatingwebhookconfigurations', 'enc-mainnet']);
      const authorities = await Promise.all([1, 2, 3].map(async () => (await makeAuthority(new Date())).certificate));
      await Promise.all(authorities.map((authority) => waitFor('a replica to be registered', async () => (await stand.registerAs({ at, authority }), true))));
      for (const kind of ['validating', 'mutating']) {
        const bundle = await must(kubectl, ['get', `${kind}webhookconfiguration`, 'enc-mainnet', '-o', 'jsonpath={.webhooks[0].clientConfig.caBundle}']);
        for (const authority of authorities) expect(Buffer.from(bundle, 'base64').toString()).toContain(authority.trim());
      }
    }
    await must(kubectl, ['delete', 'validatingwebhookconfigurations,mutatingwebhookconfigurations', 'enc-mainnet']);
    await stand.register();
  });

  it('and nobody answers, pods wait; the cluster’s own and the mainnet’s do not', async () => {
    stand.silence();
    const { code, stderr } = await create(podOf());
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/failed calling webhook/) as string });
    for (const namespace of ['kube-system', 'enc-system']) expect((await create(podOf({}, {}, { namespace }))).code).toBe(0);
  });
});

// What a pod's facts say of it, which ways around the certified path are seen, and the identity that pods are given.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LABELS } from '../../api/labels.js';
import { admissionFacts } from '../../chain/ledger/admission/admissionShapes.js';
import type { DataFacts } from '../../policy/types.js';
import type { KubeObject } from '../admission/review.js';
import { testContext, testPod, testRequest } from '../testing/samples.js';
import { checkEphemeralContainers, checkPod, identifyPod } from './pod.js';

const data: DataFacts = {
  classification: 'Restricted',
  sourceRegion: 'EU',
  destinationRegions: ['EU'],
  operationType: 'Process',
  regulations: ['GDPR'],
  agreements: ['payments-agreement'],
};
const withWorkload = () => {
  const context = testContext();
  context.client.register({ namespace: 'payments', name: 'shop', uid: 'w1', data });
  return context;
};
const guardsOf = async (object: KubeObject, context = withWorkload()) =>
  (await checkPod(testRequest({ object }), context))!.guards.map(({ name }) => name);
const spec = (more: object) => ({ containers: [{ name: 'main', image: 'demo:1' }], schedulerName: 'enc-scheduler', ...more });
const labels = (more: Record<string, string>) => ({ name: 'cart', labels: { ...testPod().metadata!.labels, ...more } });

describe('checkPod on CREATE', () => {
  it.each<[string, KubeObject, string[]]>([
    ['a plain pod', testPod(), []],
    ['its own node', testPod({ spec: spec({ nodeName: 'us-1' }) }), ['NodeNamePreset']],
    ['another scheduler', testPod({ spec: spec({ schedulerName: 'mine' }) }), ['WrongScheduler']],
    ['no class', testPod({ metadata: { name: 'cart', labels: { [LABELS.dataRegion]: 'EU' } } }), ['MissingLabel']],
    ['neither class nor region', testPod({ metadata: { name: 'cart', labels: {} } }), ['MissingLabel', 'MissingLabel']],
    ['an unknown class', testPod({ metadata: labels({ [LABELS.dataClassification]: 'Secret' }) }), ['UnknownLabelValue']],
    ['an unknown region', testPod({ metadata: labels({ [LABELS.dataRegion]: 'MARS' }) }), ['UnknownLabelValue']],
    ['an unknown workload', testPod({ metadata: labels({ [LABELS.workload]: 'none' }) }), ['UnknownWorkload']],
    [
      'another class than its workload',
      testPod({ metadata: labels({ [LABELS.workload]: 'shop', [LABELS.dataClassification]: 'Public' }) }),
      ['LabelMismatch'],
    ],
    ['another cluster', testPod({ metadata: labels({ [LABELS.cluster]: 'us-cluster' }) }), ['LabelMismatch']],
    ['a mirror annotation', testPod({ metadata: { ...testPod().metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } } }), ['MirrorPod']],
    [
      'requests that are no quantities',
      testPod({ spec: spec({ containers: [{ name: 'a', resources: { requests: { cpu: 'lots' } } }] }) }),
      ['UnreadableRequests'],
    ],
    [
      'everything wrong at once',
      testPod({ metadata: { name: 'cart', labels: { [LABELS.cluster]: 'x' } }, spec: { nodeName: 'n', containers: [] } }),
      ['NodeNamePreset', 'LabelMismatch', 'MissingLabel', 'MissingLabel'],
    ],
  ])('%s', async (_name, pod, guards) => expect(await guardsOf(pod)).toEqual(guards));

  it('takes the data of a known Workload, whatever the pod leaves out', async () => {
    const pod = testPod({ metadata: { name: 'cart', labels: { [LABELS.workload]: 'shop' } } });
    expect(await checkPod(testRequest({ object: pod }), withWorkload())).toMatchObject({ workload: { name: 'shop', uid: 'w1' }, data, guards: [] });
  });

  it('gives a pod without a name yet one that can be recorded', async () => {
    const pod = testPod({ metadata: { generateName: 'cart-', name: undefined } });
    expect((await checkPod(testRequest({ name: '', object: pod }), testContext()))!.object.name).toBe('cart-*');
  });

  it('gives facts that the ledger takes, whatever the API server lets through', async () => {
    const key = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,20}[a-z0-9])?$/);
    const small = fc.dictionary(key, fc.stringMatching(/^[A-Za-z0-9._-]{0,20}$/), { maxKeys: 5 });
    const toleration = fc.record(
      { key, operator: fc.constantFrom('Exists', 'Equal'), effect: fc.constantFrom('', 'NoSchedule') },
      { requiredKeys: [] },
    );
    const expression = fc.record(
      { key, operator: fc.constantFrom('In', 'Exists'), values: fc.array(key, { maxLength: 3 }) },
      { requiredKeys: ['key', 'operator'] },
    );
    const pods = fc.record({
      labels: small,
      nodeSelector: small,
      tolerations: fc.array(toleration, { maxLength: 3 }),
      terms: fc.array(fc.record({ matchExpressions: fc.array(expression, { maxLength: 3 }) }, { requiredKeys: [] }), { maxLength: 3 }),
      cpu: fc.oneof(fc.constantFrom('100m', '0.5', '2', '1e3', '10Gi'), fc.nat(64)),
      nodeName: fc.option(key, { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(pods, async ({ labels: given, nodeSelector, tolerations, terms, cpu, nodeName }) => {
        const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
        const containers = [{ name: 'a', image: 'i', resources: { requests: { cpu } } }];
        const pod = testPod({
          metadata: { name: 'cart', uid: 'u', labels: given },
          spec: { containers, nodeSelector, tolerations, affinity, ...(nodeName === undefined ? {} : { nodeName }) },
        });
        const facts = JSON.parse(JSON.stringify(await checkPod(testRequest({ object: pod }), testContext()))) as unknown;
        expect(() => admissionFacts(facts, 'facts')).not.toThrow();
      }),
    );
  });

  it('keeps a verdict recordable when everything is wrong', async () => {
    const images = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`enc.metanode.io/x${i}`, 'y']));
    const before = testPod();
    const after = testPod({ metadata: labels(images) });
    const facts = await checkPod(testRequest({ operation: 'UPDATE', object: after, oldObject: before }), testContext());
    expect(facts!.guards).toHaveLength(64);
    expect(facts!.guards.at(-1)!.message).toContain('27 more');
    expect(() => admissionFacts(facts, 'facts')).not.toThrow();
  });
});

describe('checkPod on UPDATE', () => {
  it.each<[string, KubeObject, string]>([
    ['an image', testPod({ spec: spec({ containers: [{ name: 'main', image: 'other:1' }] }) }), 'spec.containers'],
    ['tolerations', testPod({ spec: spec({ tolerations: [{ operator: 'Exists' }] }) }), 'spec.tolerations'],
    ['a node selector', testPod({ spec: spec({ nodeSelector: { a: 'b' } }) }), 'spec.nodeSelector'],
    ['the class', testPod({ metadata: labels({ [LABELS.dataClassification]: 'Public' }) }), `label ${LABELS.dataClassification}`],
    ['the workload', testPod({ metadata: labels({ [LABELS.workload]: 'other' }) }), `label ${LABELS.workload}`],
    [
      'the agreements',
      testPod({ metadata: { ...testPod().metadata, annotations: { 'enc.metanode.io/agreements': 'other' } } }),
      'annotation enc.metanode.io/agreements',
    ],
  ])('refuses a changed %s', async (_name, object, what) => {
    const facts = await checkPod(testRequest({ operation: 'UPDATE', object, oldObject: testPod() }), testContext());
    expect(facts!.guards).toMatchObject([{ name: 'ChangedAfterAdmission', message: expect.stringContaining(what) as string }]);
  });

  it.each([
    ['other labels', testPod({ metadata: labels({ app: 'cart' }) })],
    ['the node, which the binding sets', testPod({ spec: spec({ nodeName: 'eu-1' }) })],
    ['nothing', testPod()],
  ])('is not concerned with %s', async (_name, object) => {
    expect(await checkPod(testRequest({ operation: 'UPDATE', object, oldObject: testPod() }), testContext())).toBeNull();
  });
});

describe('checkEphemeralContainers', () => {
  it('refuses them in an enforced namespace only', async () => {
    const object = testPod({ spec: spec({ ephemeralContainers: [{ name: 'debugger' }] }) });
    const request = testRequest({ operation: 'UPDATE', subResource: 'ephemeralcontainers', object });
    expect((await checkEphemeralContainers(request, testContext()))!.guards).toMatchObject([
      { name: 'EphemeralContainer', message: expect.stringContaining('debugger') as string },
    ]);
    expect(await checkEphemeralContainers({ ...request, namespace: 'free' }, testContext())).toBeNull();
  });
});

describe('identifyPod', () => {
  type Patch = { op: string; path: string; value: unknown }[];
  /** JSON patch, as far as identifyPod uses it. */
  const apply = (pod: KubeObject, patch: Patch): KubeObject => {
    const patched = structuredClone(pod) as unknown as Record<string, unknown>;
    for (const { path, value } of patch) {
      const parts = path
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
      const at = parts.slice(0, -1).reduce((object, part) => object[part] as Record<string, unknown>, patched);
      at[parts.at(-1)!] = value;
    }
    return patched as unknown as KubeObject;
  };

  it.each<[string, KubeObject, Record<string, string>, Record<string, string>]>([
    ['a bare pod', { metadata: { name: 'a' }, spec: {} }, { [LABELS.cluster]: 'eu-cluster' }, {}],
    [
      'a pod with labels',
      { metadata: { name: 'a', labels: { app: 'a' } }, spec: { schedulerName: 'default-scheduler' } },
      { app: 'a', [LABELS.cluster]: 'eu-cluster' },
      {},
    ],
    [
      'a pod of a Workload',
      { metadata: { name: 'a', labels: { [LABELS.workload]: 'shop' } }, spec: {} },
      {
        [LABELS.workload]: 'shop',
        [LABELS.cluster]: 'eu-cluster',
        [LABELS.dataClassification]: 'Restricted',
        [LABELS.dataRegion]: 'EU',
        [LABELS.operationType]: 'Process',
      },
      { 'enc.metanode.io/destination-regions': 'EU', 'enc.metanode.io/regulations': 'GDPR', 'enc.metanode.io/agreements': 'payments-agreement' },
    ],
  ])('completes %s, and adds nothing the second time', async (_name, pod, expectedLabels, expectedAnnotations) => {
    const patched = apply(pod, (await identifyPod(testRequest({ object: pod }), withWorkload())) as Patch);
    expect(patched.spec).toEqual({ schedulerName: 'enc-scheduler' });
    expect(patched.metadata).toMatchObject({ labels: expectedLabels });
    expect(patched.metadata!.annotations ?? {}).toEqual(expectedAnnotations);
    expect(await identifyPod(testRequest({ object: patched }), withWorkload())).toEqual([]);
  });

  it('leaves another scheduler’s name for the check to refuse', async () => {
    const pod = testPod({ spec: { schedulerName: 'mine' } });
    expect(await identifyPod(testRequest({ object: pod }), testContext())).toEqual([]);
  });
});

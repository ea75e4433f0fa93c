import { describe, expect, it } from 'vitest';
import { dataFactsFrom } from './dataFacts.js';
import { pinnedRegions, podFactsFrom } from './podFacts.js';
import { creationGuards, updateGuards } from './podGuards.js';
import type { PodLike, PodSpecLike } from './podLike.js';
import { podSpecSubject } from './podSpecSubject.js';
import { parseQuantity, QuantityError } from './quantity.js';

describe('parseQuantity', () => {
  it.each<[string | number, 0 | 3, number]>([
    ['500m', 3, 500], ['2', 3, 2_000], [2, 3, 2_000], ['0.1', 3, 100], ['0.0001', 3, 1], ['1n', 3, 1], ['1Gi', 0, 2 ** 30], ['1.5Ki', 0, 1_536], ['1e3', 0, 1_000], ['1E3', 0, 1_000], ['128M', 0, 128_000_000], ['1k', 0, 1_000], ['.5', 3, 500], ['1Pi', 0, 2 ** 50],
  ])('%s at scale %i is %i', (text, scale, expected) => expect(parseQuantity(text, scale)).toBe(expected));
  it.each(['', 'x', '-1', '1 Gi', '1gi', '.', '9E', '1e99', '1125899906842625'])('refuses %j', (text) => expect(() => parseQuantity(text, 0)).toThrow(QuantityError));
});

describe('effective requests', () => {
  const container = (cpu: string, restartPolicy?: string) => ({ name: 'c', ...(restartPolicy ? { restartPolicy } : {}), resources: { requests: { cpu } } });
  const cpu = (spec: PodSpecLike) => podFactsFrom({ spec }).cpuMillis;
  it.each<[string, PodSpecLike, number]>([
    ['sums containers', { containers: [container('100m'), container('200m')] }, 300],
    ['takes a larger init container', { initContainers: [container('1')], containers: [container('100m')] }, 1_000],
    ['adds sidecars to the containers', { initContainers: [container('50m', 'Always')], containers: [container('100m')] }, 150],
    ['adds earlier sidecars to an init container', { initContainers: [container('50m', 'Always'), container('1')], containers: [container('100m')] }, 1_050],
    ['adds overhead', { containers: [container('100m')], overhead: { cpu: '10m' } }, 110],
    ['takes a limit for a request', { containers: [{ name: 'c', resources: { limits: { cpu: '300m' } } }] }, 300],
  ])('%s', (_name, spec, expected) => expect(cpu(spec)).toBe(expected));
});

it('keeps a node named by a field apart from labels', () => {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }];
  const { requiredNodeAffinity } = podFactsFrom({ spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } } });
  expect(requiredNodeAffinity).toEqual([{ matchExpressions: [{ key: 'field:metadata.name', operator: 'In', values: ['n'] }] }]);
});

it('refuses requests that together are too large to add up exactly', () => {
  const containers = ['a', 'b'].map((name) => ({ name, resources: { requests: { memory: '1Pi' } } }));
  expect(() => podFactsFrom({ spec: { containers } })).toThrow(QuantityError);
});

describe('pinnedRegions', () => {
  const key = 'topology.kubernetes.io/region';
  const affinity = (...terms: { key: string; operator: string; values?: string[] }[][]) =>
    ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })) } } } });
  it.each<[string, PodSpecLike, string[] | null]>([
    ['open', {}, null],
    ['node selector', { nodeSelector: { [key]: 'US' } }, ['US']],
    ['alternatives', affinity([{ key, operator: 'In', values: ['US'] }], [{ key, operator: 'In', values: ['EU'] }]), ['EU', 'US']],
    ['one alternative leaves it open', affinity([{ key, operator: 'In', values: ['US'] }], [{ key: 'disk', operator: 'Exists' }]), null],
    ['selector within the affinity', { nodeSelector: { [key]: 'US' }, ...affinity([{ key, operator: 'In', values: ['US', 'EU'] }]) }, ['US']],
    ['selector outside the affinity', { nodeSelector: { [key]: 'US' }, ...affinity([{ key, operator: 'In', values: ['EU'] }]) }, []],
    ['a list less what it excludes', affinity([{ key, operator: 'In', values: ['US', 'EU'] }, { key, operator: 'NotIn', values: ['US'] }]), ['EU']],
    ['an exclusion alone leaves it open', affinity([{ key, operator: 'NotIn', values: ['US'] }]), null],
    ['both must hold', affinity([{ key, operator: 'In', values: ['US', 'EU'] }, { key, operator: 'In', values: ['EU'] }]), ['EU']],
  ])('%s', (_name, spec, expected) => expect(pinnedRegions(spec)).toEqual(expected));
});

describe('dataFactsFrom', () => {
  const pod = (labels: Record<string, string>, annotations = {}): PodLike => ({ metadata: { labels, annotations } });
  const complete = { 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' };
  it('reads labels and lists, sorted and once', () => {
    const { data } = dataFactsFrom(pod(complete, { 'enc.metanode.io/destination-regions': 'US, EU,US', 'enc.metanode.io/regulations': 'GDPR', 'enc.metanode.io/agreements': 'pay' }));
    expect(data).toEqual({ classification: 'Restricted', sourceRegion: 'EU', operationType: 'Process', destinationRegions: ['EU', 'US'], regulations: ['GDPR'], agreements: ['pay'] });
  });
  it.each<[string, PodLike, RegExp]>([
    ['missing class', pod({ 'enc.metanode.io/data-region': 'EU' }), /data-classification is missing.*Public, Internal, Confidential, Restricted/],
    ['unknown region', pod({ ...complete, 'enc.metanode.io/data-region': 'MARS' }), /data-region is "MARS".*US, EU, APAC, Global/],
    ['unknown destination', pod(complete, { 'enc.metanode.io/destination-regions': 'EU,MARS' }), /names "MARS"/],
  ])('%s is named with the allowed values', (_name, given, says) => {
    const { data, guards } = dataFactsFrom(given);
    expect(data).toBeNull();
    expect(guards.map(({ message, cure }) => `${message} ${cure}`).join()).toMatch(says);
  });
});

describe('guards', () => {
  it.each<[string, PodLike, string[]]>([
    ['an ordinary pod', { spec: { schedulerName: 'enc-scheduler' } }, []],
    ['a preset node', { spec: { schedulerName: 'enc-scheduler', nodeName: 'us-1' } }, ['NodeNamePreset']],
    ['another scheduler', { spec: { schedulerName: 'default-scheduler' } }, ['WrongScheduler']],
    ['a static pod', { metadata: { annotations: { 'kubernetes.io/config.source': 'file' } }, spec: { schedulerName: 'enc-scheduler' } }, ['MirrorPod']],
    ['a region that there is not', { spec: { schedulerName: 'enc-scheduler', nodeSelector: { 'topology.kubernetes.io/region': 'MARS' } } }, ['UnknownRegion']],
    ['the region of no node', { spec: { schedulerName: 'enc-scheduler', nodeSelector: { 'topology.kubernetes.io/region': 'Global' } } }, ['UnknownRegion']],
    ['regions that contradict', { spec: { schedulerName: 'enc-scheduler', nodeSelector: { 'topology.kubernetes.io/region': 'US' }, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'topology.kubernetes.io/region', operator: 'In', values: ['EU'] }] }] } } } } }, ['ContradictoryRegions']],
    ['an extended resource, which nodes may commit', { spec: { schedulerName: 'enc-scheduler', containers: [{ name: 'c', resources: { limits: { 'nvidia.com/gpu': '1' } } }] } }, []],
    ['pod affinity and hard spread, which are weighed', { spec: { schedulerName: 'enc-scheduler', affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{}] } }, topologySpreadConstraints: [{ whenUnsatisfiable: 'DoNotSchedule' }] } }, []],
    ['pods of namespaces by label, which are not weighed', { spec: { schedulerName: 'enc-scheduler', affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ namespaceSelector: {} }] } } } }, ['UnsupportedConstraint']],
    ['resource claims', { spec: { schedulerName: 'enc-scheduler', resourceClaims: [{}] } }, ['UnsupportedConstraint']],
    ['a group without its size', { metadata: { labels: { 'enc.metanode.io/pod-group': 'g' } }, spec: { schedulerName: 'enc-scheduler' } }, ['UnsupportedConstraint']],
    ['soft constraints', { spec: { schedulerName: 'enc-scheduler', affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [] } }, topologySpreadConstraints: [{ whenUnsatisfiable: 'ScheduleAnyway' }] } }, []],
    ['a mirror pod', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { schedulerName: 'enc-scheduler' } }, ['MirrorPod']],
  ])('%s', (_name, pod, names) => expect(creationGuards(pod).map(({ name }) => name)).toEqual(names));
  it.each<[string, PodLike, PodLike, number]>([
    ['nothing', { spec: { nodeSelector: { a: 'b' } } }, { spec: { nodeSelector: { a: 'b' } } }, 0],
    ['the node it was placed on', { spec: {} }, { spec: { nodeName: 'n' } }, 0],
    ['an ordinary label', { metadata: { labels: {} } }, { metadata: { labels: { app: 'x' } } }, 0],
    ['an identity label', { metadata: { labels: { 'enc.metanode.io/data-region': 'EU' } } }, { metadata: { labels: { 'enc.metanode.io/data-region': 'US' } } }, 1],
    ['lifted gates', { spec: { schedulingGates: [{ name: 'g' }] } }, { spec: {} }, 0],
    ['requests', { spec: { containers: [{ name: 'a', resources: { requests: { cpu: '1' } } }] } }, { spec: { containers: [{ name: 'a', resources: { requests: { cpu: '2' } } }] } }, 1],
    ['an image', { spec: { containers: [{ name: 'a', image: 'x' }] } }, { spec: { containers: [{ name: 'a', image: 'y' }] } }, 1],
    ['tolerations', { spec: {} }, { spec: { tolerations: [{ operator: 'Exists' }] } }, 1],
  ])('a change of %s', (_name, before, after, count) => expect(updateGuards(before, after)).toHaveLength(count));
  it('binds a verdict to the spec but not to the node', () => {
    expect(podSpecSubject({ spec: { nodeName: 'n', priority: 1 } })).toEqual(podSpecSubject({ spec: { priority: 1 } }));
    expect(podSpecSubject({ spec: { schedulingGates: [{ name: 'g' }], priority: 1 } })).toEqual(podSpecSubject({ spec: { priority: 1 } }));
    expect(podSpecSubject({ spec: { priority: 1.5 } })).toEqual({ priority: '1.5' });
    expect(podSpecSubject({ spec: { priority: 1 } })).not.toEqual(podSpecSubject({ spec: { priority: 2 } }));
  });
});

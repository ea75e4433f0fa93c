// What pods ask of one another and of their nodes: affinity, anti-affinity, spread, preferences, extended resources, preemption.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aNode, aPolicySet, euOnly, someFacts } from '../testing/builders.js';
import type { LedgerNode } from '../types.js';
import { place, type Others } from './place.js';
import type { PlacedPod, PodConstraints, PodTerm } from './podConstraints.js';
import { preemption, shifted } from './preempt.js';

const set = aPolicySet({ policies: [euOnly] });
const ZONE = 'topology.kubernetes.io/zone';
const zoned = (name: string, zone: string, given: Partial<LedgerNode> = {}) => aNode(name, { zone, ...given });
const nodes = [zoned('a1', 'a'), zoned('a2', 'a'), zoned('b1', 'b'), zoned('c1', 'c')];
const on = (node: string, labels: Record<string, string> = {}, given: Partial<PlacedPod> = {}): PlacedPod => ({
  uid: `${node}-${JSON.stringify(labels)}`, namespace: 'payments', name: 'p', node, labels, priority: 0, cpuMillis: 100, memoryBytes: 100, storageBytes: 0, ...given,
});
const others = (...placed: PlacedPod[]): Others => ({ placed: () => placed, repelling: placed.filter(({ awayFromPods }) => awayFromPods) });
const term = (app: string, given: Partial<PodTerm> = {}): PodTerm => ({ topologyKey: ZONE, namespaces: ['payments'], selector: { matchLabels: { app } }, ...given });
const asking = (constraints: PodConstraints, pod = {}) => someFacts({ pod: { constraints, ...pod } });
const zoneOf = (name: string | null) => nodes.find((node) => node.name === name)?.zone ?? null;

describe('required terms', () => {
  const web = { app: 'web' };
  it.each<[string, PodConstraints, object, Others, (string | null)[]]>([
    ['near a pod', { nearPods: [term('db')] }, {}, others(on('b1', { app: 'db' })), ['b']],
    ['near no pod of another namespace', { nearPods: [term('db')] }, {}, others(on('b1', { app: 'db' }, { namespace: 'other' })), [null]],
    ['the first of its kind begins anywhere', { nearPods: [term('web')] }, { labels: web }, others(on('b1', { app: 'db' })), ['a', 'b', 'c']],
    ['the second goes to the first', { nearPods: [term('web')] }, { labels: web }, others(on('c1', web)), ['c']],
    ['away from a pod', { awayFromPods: [term('web')] }, {}, others(on('a1', web), on('c1', web)), ['b']],
    ['away from all places', { awayFromPods: [term('web')] }, {}, others(on('a1', web), on('b1', web), on('c1', web)), [null]],
    ['kept away by a pod that asks for it', {}, { labels: web }, others(on('a1', {}, { awayFromPods: [term('web')] }), on('b1', {}, { uid: 'x', awayFromPods: [term('web')] })), ['c']],
    ['not kept away by what does not concern it', {}, { labels: web }, others(on('a1', {}, { awayFromPods: [term('db')] })), ['a', 'b', 'c']],
    ['spread: the emptiest places', { spread: [{ topologyKey: ZONE, maxSkew: 1, minDomains: 1, hard: true, selector: { matchLabels: web } }] }, { labels: web }, others(on('a1', web)), ['b', 'c']],
    ['spread: places where it may not be do not count', { spread: [{ topologyKey: ZONE, maxSkew: 1, minDomains: 1, hard: true, selector: { matchLabels: web } }] }, { labels: web, nodeSelector: { [ZONE]: 'a' } }, others(on('a1', web)), ['a']],
    ['spread: fewer places than asked for count as empty', { spread: [{ topologyKey: ZONE, maxSkew: 1, minDomains: 4, hard: true, selector: { matchLabels: web } }] }, { labels: web }, others(on('a1', web), on('b1', web), on('c1', web)), [null]],
  ])('%s', (_name, constraints, pod, around, zones) => {
    const chosen = Array.from({ length: 12 }, (_, i) => place(nodes, set, { ...asking(constraints, pod), object: { ...someFacts().object, uid: `uid-${i}` } }, around).node);
    expect(new Set(chosen.map(zoneOf))).toEqual(new Set(zones));
  });

  it('says which neighbours keep a pod waiting', () => {
    const { message } = place(nodes, set, asking({ nearPods: [term('db')] }), others());
    expect(message).toBe('waiting: 4 nodes without the pods that it must be near');
  });
});

describe('preferences', () => {
  it.each<[string, PodConstraints, Others, string]>([
    ['a node label', { preferredNodes: [{ weight: 10, matchExpressions: [{ key: ZONE, operator: 'In', values: ['b'] }] }] }, others(), 'b'],
    ['the heavier of two', { preferredNodes: [{ weight: 10, matchExpressions: [{ key: ZONE, operator: 'In', values: ['b'] }] }, { weight: 90, matchExpressions: [{ key: ZONE, operator: 'In', values: ['c'] }] }] }, others(), 'c'],
    ['pods to be near', { preferredPods: [{ ...term('db'), weight: 5 }] }, others(on('b1', { app: 'db' })), 'b'],
    ['pods to be away from', { preferredPods: [{ ...term('db'), weight: -5 }] }, others(on('a1', { app: 'db' }), on('b1', { app: 'db' })), 'c'],
    ['soft spread', { spread: [{ topologyKey: ZONE, maxSkew: 1, minDomains: 1, hard: false, selector: { matchLabels: { app: 'db' } } }] }, others(on('a1', { app: 'db' }), on('c1', { app: 'db' })), 'b'],
  ])('%s', (_name, constraints, around, zone) => expect(zoneOf(place(nodes, set, asking(constraints), around).node)).toBe(zone));
});

describe('extended resources', () => {
  const gpus = (count: number, taken = 0) => aNode('g', { capacity: { ...aNode('g').capacity, extended: { 'nvidia.com/gpu': count } }, allocated: { ...aNode('g').allocated, extended: { 'nvidia.com/gpu': taken } } });
  it.each<[string, LedgerNode, string]>([
    ['where there are enough', gpus(2), 'placed on g'],
    ['not where they are taken', gpus(2, 1), 'waiting: 1 EU node lacks nvidia.com/gpu'],
    ['not where nobody committed any', aNode('n'), 'waiting: 1 EU node lacks nvidia.com/gpu'],
  ])('%s', (_name, node, says) => expect(place([node], set, asking({ extended: { 'nvidia.com/gpu': 2 } })).message).toContain(says));
});

describe('preemption', () => {
  const full = (name: string) => aNode(name, { allocated: { cpuMillis: 4_000, memoryBytes: 400, storageBytes: 0, pods: 4 } });
  const pods = (node: string, ...priorities: number[]) => priorities.map((priority, i) => on(node, {}, { uid: `${node}-${i}`, priority, cpuMillis: 1_000 }));
  const important = (cpuMillis: number, given = {}) => someFacts({ pod: { priority: 100, cpuMillis, ...given } });
  it.each<[string, LedgerNode[], PlacedPod[], ReturnType<typeof important>, string[] | undefined]>([
    ['the least important, as few as needed', [full('n')], pods('n', 5, 1, 9, 3), important(2_000), ['n-3', 'n-1']],
    ['nobody of its own priority', [full('n')], pods('n', 100, 100, 100, 100), important(1_000), undefined],
    ['nobody where it would not help', [full('n')], pods('n', 1, 100, 100, 100), important(2_000), undefined],
    ['on the node whose victims matter least', [full('m'), full('n')], [...pods('m', 9, 9, 9, 9), ...pods('n', 9, 9, 9, 2)], important(1_000), ['n-3']],
    ['nobody on a node where it may not be', [{ ...full('n'), region: 'US' }], pods('n', 1, 1, 1, 1), important(1_000), undefined],
    ['nobody when it never preempts', [full('n')], pods('n', 1, 1, 1, 1), important(1_000, { constraints: { neverPreempts: true } }), undefined],
  ])('%s', (_name, all, placed, facts, victims) => expect(preemption(all, set, facts, placed)?.victims).toEqual(victims));

  it('frees enough, takes nobody as important, and no victim in vain', () => {
    const arbitraryPods = fc.array(fc.record({ priority: fc.integer({ min: 0, max: 200 }), cpuMillis: fc.integer({ min: 1, max: 1_500 }) }), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(arbitraryPods, fc.integer({ min: 1, max: 3_000 }), (given, cpu) => {
      const placed = given.map((pod, i) => on('n', {}, { uid: `u${i}`, ...pod }));
      const node = aNode('n', { allocated: placed.reduce((taken, pod) => shifted(taken, pod, 1), aNode('n').allocated) });
      fc.pre(node.allocated.cpuMillis <= node.capacity.cpuMillis && node.allocated.cpuMillis + cpu > node.capacity.cpuMillis);
      const found = preemption([node], set, important(cpu), placed);
      fc.pre(found !== undefined);
      const victims = placed.filter(({ uid }) => found!.victims.includes(uid));
      const without = (gone: PlacedPod[]) => ({ ...node, allocated: gone.reduce((taken, pod) => shifted(taken, pod, -1), node.allocated) });
      expect(victims.every(({ priority }) => priority < 100)).toBe(true);
      expect(place([without(victims)], set, important(cpu)).node).toBe('n');
      for (const spared of victims) expect(place([without(victims.filter((pod) => pod !== spared))], set, important(cpu)).node).toBeNull();
    }));
  });
});

describe('properties under constraints', () => {
  const labels = fc.constantFrom<Record<string, string>[]>({ app: 'web' }, { app: 'db' }, {});
  const placedPods = fc.array(fc.record({ node: fc.constantFrom('a1', 'a2', 'b1', 'c1'), labels }), { maxLength: 8 }).map((pods) => pods.map((pod, i) => on(pod.node, pod.labels, { uid: `u${i}` })));
  const constraints = fc.record({
    nearPods: fc.option(fc.constant([term('db')]), { nil: undefined }),
    awayFromPods: fc.option(fc.constant([term('web', { topologyKey: 'kubernetes.io/hostname' })]), { nil: undefined }),
    spread: fc.option(fc.constant([{ topologyKey: ZONE, maxSkew: 1, minDomains: 1, hard: true, selector: { matchLabels: { app: 'web' } } }]), { nil: undefined }),
  }).map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as PodConstraints);
  const hosted = nodes.map((node) => ({ ...node, labels: { 'kubernetes.io/hostname': node.name } }));

  it('holds every hard constraint, the same whatever the order of nodes and pods', () => {
    fc.assert(fc.property(placedPods, constraints, labels, (placed, asked, own) => {
      const facts = asking(asked, { labels: own });
      const { node, message } = place(hosted, set, facts, others(...placed));
      expect(place(hosted.toReversed(), set, facts, others(...placed.toReversed()))).toMatchObject({ node, message });
      fc.pre(node !== null);
      const inZone = placed.filter((pod) => zoneOf(pod.node) === zoneOf(node));
      if (asked.nearPods) expect(inZone.some((pod) => pod.labels.app === 'db') || (own.app === 'db' && placed.every((pod) => pod.labels.app !== 'db'))).toBe(true);
      if (asked.awayFromPods) expect(placed.some((pod) => pod.node === node && pod.labels.app === 'web')).toBe(false);
      if (asked.spread) {
        const counts = ['a', 'b', 'c'].map((zone) => placed.filter((pod) => zoneOf(pod.node) === zone && pod.labels.app === 'web').length + (zone === zoneOf(node) && own.app === 'web' ? 1 : 0));
        const before = placed.filter((pod) => zoneOf(pod.node) === zoneOf(node) && pod.labels.app === 'web').length;
        expect(counts[['a', 'b', 'c'].indexOf(zoneOf(node)!)]! - Math.min(...['a', 'b', 'c'].map((zone) => placed.filter((pod) => zoneOf(pod.node) === zone && pod.labels.app === 'web').length))).toBeLessThanOrEqual(1);
        expect(before).toBeLessThanOrEqual(Math.min(...counts) + 1);
      }
    }));
  });

  it('is not led by who the pod is: pods that are alike get the same answer of the policies', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z]{1,8}$/), (name) => {
      const alone = place(nodes, aPolicySet({ policies: [euOnly] }), someFacts({ object: { ...someFacts().object, name, uid: name } }));
      expect(place(nodes, set, someFacts({ object: { ...someFacts().object, name, uid: name } }))).toEqual(alone);
    }));
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aNode, aPolicySet, euOnly, someFacts } from '../testing/builders.js';
import type { LedgerNode } from '../types.js';
import { MAX_EXPLAINED, place } from './place.js';

const set = aPolicySet({ policies: [euOnly] });
const filterOf = (node: LedgerNode, pod = {}) => place([node], set, someFacts({ pod })).explanation[0]!.filter;

describe('place', () => {
  it.each<[string, LedgerNode, object, string]>([
    ['an ordinary node', aNode('n'), {}, ''],
    ['a node that is not ready', aNode('n', { ready: false }), {}, 'ready'],
    ['a node whose region the policy forbids', aNode('n', { region: 'US' }), {}, 'policy'],
    ['a node that only claims to be in the EU by its label', aNode('n', { region: 'US', labels: { 'topology.kubernetes.io/region': 'EU' } }), {}, 'policy'],
    ['a selector on the attested region', aNode('n', { labels: {} }), { nodeSelector: { 'topology.kubernetes.io/region': 'EU' } }, ''],
    ['a selector that does not match', aNode('n'), { nodeSelector: { disk: 'ssd' } }, 'selector'],
    ['an affinity that matches', aNode('n', { labels: { cores: '8' } }), { requiredNodeAffinity: [{ matchExpressions: [{ key: 'cores', operator: 'Gt', values: ['4'] }] }] }, ''],
    ['an affinity that does not match', aNode('n'), { requiredNodeAffinity: [{ matchExpressions: [{ key: 'cores', operator: 'Exists' }] }] }, 'affinity'],
    ['an empty affinity term, which matches nothing', aNode('n'), { requiredNodeAffinity: [{}] }, 'affinity'],
    ['a taint', aNode('n', { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }), {}, 'taints'],
    ['a tolerated taint', aNode('n', { taints: [{ key: 'gpu', value: 'x', effect: 'NoSchedule' }] }), { tolerations: [{ key: 'gpu', value: 'x' }] }, ''],
    ['a taint tolerated only for another effect', aNode('n', { taints: [{ key: 'gpu', effect: 'NoExecute' }] }), { tolerations: [{ key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }] }, 'taints'],
    ['a soft taint', aNode('n', { taints: [{ key: 'gpu', effect: 'PreferNoSchedule' }] }), {}, ''],
    ['exactly enough cpu', aNode('n'), { cpuMillis: 4_000 }, ''],
    ['one millicore too few', aNode('n'), { cpuMillis: 4_001 }, 'capacity'],
    ['too little memory', aNode('n'), { memoryBytes: 8_001 }, 'capacity'],
    ['no room for another pod', aNode('n', { allocated: { cpuMillis: 0, memoryBytes: 0, storageBytes: 0, pods: 110 } }), {}, 'capacity'],
  ])('%s', (_name, node, pod, filter) => expect(filterOf(node, pod)).toBe(filter));

  it('says why it waits, with the policy that excludes', () => {
    const { node, message } = place([aNode('us-1', { region: 'US' }), aNode('eu-1', { ready: false })], set, someFacts());
    expect(node).toBeNull();
    expect(message).toMatch(/^waiting: excluded 1 node by policy, 1 node by ready \(BisoPolicy geographic-data-sovereignty\/eu-data-stays-in-eu/);
  });

  it('prefers the emptier node', () => {
    const busy = aNode('busy', { allocated: { cpuMillis: 3_000, memoryBytes: 6_000, storageBytes: 0, pods: 3 } });
    expect(place([busy, aNode('idle')], set, someFacts()).node).toBe('idle');
  });

  it('explains at most so many nodes, and every filter among them', () => {
    const nodes = [...Array.from({ length: 40 }, (_, i) => aNode(`us-${i}`, { region: 'US' })), aNode('off', { ready: false })];
    const { explanation } = place(nodes, set, someFacts());
    expect(explanation).toHaveLength(MAX_EXPLAINED);
    expect(new Set(explanation.map(({ filter }) => filter))).toEqual(new Set(['policy', 'ready']));
  });
});

const arbitraryNodes = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{1,4}$/), region: fc.constantFrom('EU', 'US', 'APAC'), ready: fc.boolean(), cpu: fc.integer({ min: 0, max: 4_000 }), memory: fc.integer({ min: 0, max: 8_000 }) }),
  { maxLength: 8, selector: ({ name }) => name },
).map((nodes) => nodes.map(({ name, region, ready, cpu, memory }) => aNode(name, { region, ready, allocated: { cpuMillis: cpu, memoryBytes: memory, storageBytes: 0, pods: 1 } })));
const arbitraryFacts = fc.record({ cpuMillis: fc.integer({ min: 0, max: 4_000 }), memoryBytes: fc.integer({ min: 0, max: 8_000 }) }).map((pod) => someFacts({ pod }));

describe('properties of placement', () => {
  it('never over-commits, and only on a ready node of an allowed region', () => {
    fc.assert(fc.property(arbitraryNodes, arbitraryFacts, (nodes, facts) => {
      const chosen = nodes.find(({ name }) => name === place(nodes, set, facts).node);
      fc.pre(chosen !== undefined);
      expect(chosen).toMatchObject({ ready: true, region: 'EU' });
      expect(chosen!.allocated.cpuMillis + facts.pod!.cpuMillis).toBeLessThanOrEqual(chosen!.capacity.cpuMillis);
      expect(chosen!.allocated.memoryBytes + facts.pod!.memoryBytes).toBeLessThanOrEqual(chosen!.capacity.memoryBytes);
    }));
  });
  it('does not depend on the order of nodes, and stays feasible when nodes are added', () => {
    fc.assert(fc.property(arbitraryNodes, arbitraryNodes, arbitraryFacts, (nodes, more, facts) => {
      const placed = place(nodes, set, facts);
      expect(place(nodes.toReversed(), set, facts)).toEqual(placed);
      fc.pre(placed.node !== null);
      const added = [...nodes, ...more.filter(({ name }) => !nodes.some((node) => node.name === name))];
      expect(place(added, set, facts).node).not.toBeNull();
    }));
  });
});

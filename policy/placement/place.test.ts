import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aNode, aPolicy, aPolicySet, aRule, aTrafficRule, euOnly, someFacts } from '../testing/builders.js';
import type { LedgerNode } from '../types.js';
import { MAX_EXPLAINED, place } from './place.js';
import { untolerated } from './tolerates.js';
import { compareWhole } from './wholeNumber.js';

const set = aPolicySet({ policies: [euOnly] });
const onlySsd = aPolicySet({ policies: [aPolicy('ssd', { rules: [aRule({ match: { nodeSelector: { matchExpressions: [{ key: 'disk', operator: 'NotIn', values: ['ssd'] }] } }, requirement: { expression: 'false' } })] })] });
const byOperator = aPolicySet({ policies: [aPolicy('kyc', { rules: [aRule({ requirement: { expression: 'node.operator in ["aa"]' } })] })] });
const filterOf = (node: LedgerNode, pod = {}) => place([node], set, someFacts({ pod })).explanation[0]!.filter;

describe('place', () => {
  it.each([
    ['labels', onlySsd, aNode('a', { labels: { disk: 'ssd' } }), aNode('b', { labels: { disk: 'hdd' } }), 'ssd/rule'],
    ['operator', byOperator, aNode('a', { operator: 'aa' }), aNode('b', { operator: 'bb' }), 'kyc/rule'],
    ['operator, where it is not known', byOperator, aNode('a', { operator: 'aa' }), aNode('b'), 'kyc/rule'],
  ])('asks a rule about nodes for each, by its %s', (_what, policies, good, bad, by) => {
    const { node, message, explanation } = place([bad, good], policies, someFacts());
    expect(node).toBe('a');
    expect(message).toContain(`1 node refused by ${by}`);
    expect(explanation.find((one) => one.node === 'b')).toMatchObject({ filter: 'policy' });
  });

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

  it.each<[string, LedgerNode[], RegExp]>([
    ['with the policy that excludes', [aNode('us-1', { region: 'US' }), aNode('eu-1', { ready: false })], /^waiting: 1 node not ready, 1 node refused by geographic-data-sovereignty\/eu-data-stays-in-eu$/],
    ['with what nodes of a region lack', ['a', 'b', 'c'].map((name) => aNode(name, { capacity: { ...aNode(name).capacity, memoryBytes: 1 } })), /^waiting: 3 EU nodes lack memory$/],
    ['when there is no node', [], /^waiting: no node has committed resources$/],
  ])('says why it waits, %s', (_name, nodes, says) => {
    const { node, message } = place(nodes, set, someFacts({ pod: { memoryBytes: 2 } }));
    expect([node, message]).toEqual([null, expect.stringMatching(says)]);
  });

  it('says in which regions a pod may not be, by policy, rule and regulation', () => {
    const { explanation } = place([aNode('us-1', { region: 'US' })], set, someFacts());
    expect(explanation[0]?.reason).toBe('BisoPolicy geographic-data-sovereignty/eu-data-stays-in-eu: its node would be in US, outside EU [GDPR Art. 44]');
  });

  it.each<[string, Parameters<typeof aPolicySet>[0], object, string | null]>([
    ['an expression on the node\'s region', { policies: [aPolicy('p', { rules: [aRule({ requirement: { expression: 'node.region != "EU"' } })] })] }, { data: { classification: 'Public' } }, 'us-1'],
    ['a Red rule for the flow to the node\'s region', { rules: [aTrafficRule('all', { light: 'Green' }), aTrafficRule('r', { light: 'Red', destination: { regions: ['EU'] } })] }, {}, 'us-1'],
    ['the default for data that may not leave', {}, { data: { sourceRegion: 'APAC' } }, null],
    ['the pod\'s own region by default', {}, {}, 'eu-1'],
  ])('heeds %s', (_name, policies, facts, expected) => {
    const nodes = [aNode('eu-1'), aNode('us-1', { region: 'US' })];
    expect(place(nodes, aPolicySet(policies), someFacts(facts)).node).toBe(expected);
  });

  it('prefers the data\'s own region at equal load', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((name, index) => aNode(name, { region: index === 2 ? 'EU' : 'US' }));
    expect(place(nodes, aPolicySet(), someFacts({ data: { classification: 'Public' } })).node).toBe('c');
  });

  it('prefers a node without a soft taint', () => {
    const soft = { taints: [{ key: 'spot', effect: 'PreferNoSchedule' }] };
    expect(['a', 'b'].map((free) => place(['a', 'b'].map((name) => aNode(name, name === free ? {} : soft)), set, someFacts()).node)).toEqual(['a', 'b']);
  });

  it('spreads equal nodes over pods', () => {
    const nodes = ['a', 'b', 'c'].map((name) => aNode(name));
    const chosen = Array.from({ length: 30 }, (_, i) => place(nodes, set, someFacts({ object: { ...someFacts().object, uid: `uid-${i}` } })).node);
    expect(new Set(chosen).size).toBe(3);
  });

  it('honours an affinity to one node by name, not to one that is labelled with it', () => {
    const requiredNodeAffinity = [{ matchExpressions: [{ key: 'field:metadata.name', operator: 'In', values: ['b'] }] }];
    const nodes = [aNode('a', { labels: { 'metadata.name': 'b', 'kubernetes.io/hostname': 'b' } }), aNode('b')];
    expect(place(nodes, set, someFacts({ pod: { requiredNodeAffinity } })).node).toBe('b');
  });

  it('ranks capacities of terabytes without losing digits', () => {
    const huge = (name: string, used: number) => aNode(name, { capacity: { ...aNode(name).capacity, memoryBytes: 2 ** 50 }, allocated: { cpuMillis: 0, memoryBytes: used, storageBytes: 0, pods: 0 } });
    const { explanation } = place([huge('full', 2 ** 50 - 2 ** 20), huge('empty', 0)], set, someFacts({ pod: { cpuMillis: 0, memoryBytes: 2 ** 20 } }));
    expect(explanation.map(({ node, score }) => [node, score])).toEqual([['empty', 999], ['full', 500]]);
  });

  it('prefers the emptier node', () => {
    const busy = aNode('busy', { allocated: { cpuMillis: 3_000, memoryBytes: 6_000, storageBytes: 0, pods: 3 } });
    expect(place([busy, aNode('idle')], set, someFacts()).node).toBe('idle');
  });

  it('explains so many nodes one by one, every filter among them, and counts the rest', () => {
    const nodes = [...Array.from({ length: 40 }, (_, i) => aNode(`us-${i}`, { region: 'US' })), ...Array.from({ length: 30 }, (_, i) => aNode(`eu-${i}`)), aNode('off', { ready: false })];
    const { explanation, message, node } = place(nodes, set, someFacts());
    const [rest, shown] = [explanation.filter((entry) => entry.node.startsWith('+')), explanation.filter((entry) => !entry.node.startsWith('+'))];
    expect(shown).toHaveLength(MAX_EXPLAINED.placed);
    expect(shown[0]).toMatchObject({ node, filter: '' });
    expect(new Set(shown.map(({ filter }) => filter))).toEqual(new Set(['', 'policy', 'ready']));
    expect(rest.map(({ filter }) => filter)).toEqual(['', 'policy']);
    expect(shown.length + rest.reduce((sum, entry) => sum + Number(/\d+/.exec(entry.node)![0]), 0)).toBe(nodes.length);
    expect(message).toMatch(/^placed on eu-\d+ \(score \d+, 30 of 71 nodes feasible\); 40 nodes refused by .*, 1 node not ready$/);
  });
});

describe('tolerations', () => {
  const taint = { key: 'k', value: '5', effect: 'NoSchedule' };
  it.each<[string, Parameters<typeof untolerated>[0], boolean]>([
    ['nothing', [], false],
    ['Exists without a key', [{ operator: 'Exists' }], true],
    ['a key that exists', [{ key: 'k', operator: 'Exists' }], true],
    ['an equal value', [{ key: 'k', operator: 'Equal', value: '5' }], true],
    ['another value', [{ key: 'k', value: '6' }], false],
    ['another key', [{ key: 'j', operator: 'Exists' }], false],
    ['another effect', [{ operator: 'Exists', effect: 'NoExecute' }], false],
    ['a taint above the value', [{ key: 'k', operator: 'Gt', value: '4' }], true],
    ['a taint not above the value', [{ key: 'k', operator: 'Gt', value: '5' }], false],
    ['a taint below the value', [{ key: 'k', operator: 'Lt', value: '6' }], true],
    ['an unknown operator', [{ key: 'k', operator: 'Like', value: '5' }], false],
    ['one of several', [{ key: 'j' }, { key: 'k', value: '5' }], true],
  ])('%s', (_name, tolerations, expected) => expect(untolerated(tolerations, [taint]) === undefined).toBe(expected));

  it('needs one for every taint', () => expect(untolerated([{ key: 'k', operator: 'Exists' }], [taint, { key: 'other', effect: 'NoExecute' }])).toMatchObject({ key: 'other' }));
});

describe('compareWhole', () => {
  it.each<['Gt' | 'Lt', string | undefined, string | undefined, boolean]>([
    ['Gt', '10', '9', true], ['Gt', '9', '10', false], ['Lt', '-1', '0', true], ['Gt', '9223372036854775807', '9223372036854775806', true],
    ['Gt', '9223372036854775808', '0', false], ['Gt', '1.5', '1', false], ['Gt', undefined, '1', false], ['Lt', '1', undefined, false], ['Lt', '', '1', false], ['Gt', '+2', '1', true],
  ])('%s %s %s is %s', (operator, value, than, expected) => expect(compareWhole(operator, value, than)).toBe(expected));
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

import { beforeEach, describe, expect, it } from 'vitest';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { stateKeys, type PolicySetPointer, type PolicySetRecord } from '../../types.js';
import { agreementDeploy, clusterPut, CLUSTER, policyPut, rulePut, uidOf, workloadPut } from '../testing/samplePayloads.js';
import { TestChain } from '../testing/testChain.js';
import { policySetAt } from './policySet.js';

let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
});
const POLICY = 'geographic-data-sovereignty';
const pointer = () => chain.record<PolicySetPointer>(stateKeys.currentPolicySet)!;
const members = () => chain.record<PolicySetRecord>(stateKeys.policySet(pointer().policyHeight))!.members;
const put = (generation: number, description = '', uid = uidOf(POLICY)) =>
  chain.run('operator', 'policy.put', policyPut(POLICY, { generation, uid, spec: { ...policyPut().spec, description } }));

describe('versions', () => {
  it('are made by changes only, one a block, and are never changed again', () => {
    put(1);
    const first = chain.state.get(stateKeys.policySet(1));
    expect(pointer()).toEqual({ policyHeight: 1, recent: [{ policyHeight: 0, replacedAt: chain.header.timestamp }] });
    chain.commit([]);
    expect(pointer().policyHeight).toBe(1);
    chain.commit([chain.sign('operator', 'rule.put', rulePut()), chain.sign('operator', 'cluster.put', clusterPut())]);
    expect(pointer().policyHeight).toBe(3);
    expect(members().map(({ kind, name }) => `${kind}/${name}`)).toEqual([`BisoPolicy/${POLICY}`, `EncCluster/${CLUSTER}`, 'TrafficRule/eu-to-us']);
    expect(chain.state.get(stateKeys.policySet(1))).toBe(first);
  });

  it('name their members by the hash of a spec that is kept', () => {
    put(1, 'first');
    const [before] = members();
    put(2, 'second');
    const [after] = members();
    expect(after).toMatchObject({ kind: 'BisoPolicy', name: POLICY, uid: uidOf(POLICY), generation: 2 });
    for (const [member, description] of [
      [before!, 'first'],
      [after!, 'second'],
    ] as const) {
      const spec = chain.record(stateKeys.object(member.hash));
      expect(spec).toMatchObject({ description });
      expect(sha256OfJson(spec)).toBe(member.hash);
    }
  });

  it('are read back with their specs, as the same object', () => {
    chain.commit([
      chain.sign('operator', 'policy.put', policyPut()),
      chain.sign('operator', 'rule.put', rulePut()),
      chain.sign('operator', 'cluster.put', clusterPut()),
      chain.sign('operator', 'agreement.deploy', agreementDeploy()),
    ]);
    const set = policySetAt(chain.state, 1)!;
    expect(set).toMatchObject({
      policyHeight: 1,
      clusters: [{ name: CLUSTER, uid: uidOf(CLUSTER), generation: 1, spec: clusterPut().spec }],
      policies: [{ name: POLICY, spec: policyPut().spec }],
      rules: [{ name: 'eu-to-us', spec: rulePut().spec }],
      agreements: [{ name: 'payments', state: 'InForce' }],
    });
    expect(policySetAt(chain.state, 1)).toBe(set);
    expect(policySetAt(chain.state, 2)).toBeUndefined();
  });

  it('of two proposals for one height are not taken for each other', () => {
    const other = new TestChain();
    put(1, 'ours');
    other.run('operator', 'policy.put', policyPut(POLICY, { spec: { ...policyPut().spec, description: 'theirs' } }));
    const description = (of: TestChain) => policySetAt(of.state, 1)!.policies[0]!.spec.description;
    expect([description(chain), description(other), description(chain)]).toEqual(['ours', 'theirs', 'ours']);
  });

  it('remember when they were replaced, as long as a verdict may name them', () => {
    put(1);
    put(2, 'second');
    const replaced = chain.header.timestamp;
    expect(pointer().recent.map(({ policyHeight }) => policyHeight)).toEqual([0, 1]);
    chain.commit([chain.sign('operator', 'policy.put', policyPut(POLICY, { generation: 3 }))], replaced + 60_000);
    expect(pointer().recent).toContainEqual({ policyHeight: 1, replacedAt: replaced });
    chain.commit([chain.sign('operator', 'policy.put', policyPut(POLICY, { generation: 4 }))], replaced + 60_002);
    expect(pointer().recent.map(({ policyHeight }) => policyHeight)).toEqual([2, 3]);
  });

  it('do not depend on the order of changes to different objects', () => {
    const puts = (of: TestChain) => [
      of.sign('operator', 'policy.put', policyPut('a')),
      of.sign('operator', 'policy.put', policyPut('b')),
      of.sign('operator', 'rule.put', rulePut('c')),
      of.sign('operator', 'cluster.put', clusterPut()),
    ];
    const other = new TestChain();
    const [forward, backward] = [chain.commit(puts(chain)), other.commit(puts(other).reverse())];
    // The histories of receipts have an order; everything else is the same.
    const unordered = ({ changes }: typeof forward) => changes.filter(([key]) => !key.startsWith('history/')).toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(unordered(backward)).toEqual(unordered(forward));
    expect(backward.logRoot).not.toBe(forward.logRoot);
  });
});

describe('put', () => {
  type Version = [generation: number, description: string, uid?: string];
  const cases: [name: string, before: Version[], last: Version, becomes: { outcome: string; code: string; generation: number }][] = [
    ['a new object', [], [1, 'a'], { outcome: 'applied', code: 'Registered', generation: 1 }],
    ['the same again', [[1, 'a']], [1, 'a'], { outcome: 'applied', code: 'Unchanged', generation: 1 }],
    ['a new generation', [[1, 'a']], [2, 'b'], { outcome: 'applied', code: 'Updated', generation: 2 }],
    ['a new generation of the same spec', [[1, 'a']], [2, 'a'], { outcome: 'applied', code: 'Updated', generation: 2 }],
    ['an older generation', [[2, 'a']], [1, 'b'], { outcome: 'refused', code: 'StaleGeneration', generation: 2 }],
    ['the same generation with another spec', [[1, 'a']], [1, 'b'], { outcome: 'refused', code: 'GenerationConflict', generation: 1 }],
    ['an object made anew', [[5, 'a']], [1, 'b', 'new-uid'], { outcome: 'applied', code: 'Updated', generation: 1 }],
  ];
  it.each(cases)('%s', (_name, before, last, { outcome, code, generation }) => {
    for (const version of before) put(...version);
    expect(put(...last)).toMatchObject({ outcome, code, object: { kind: 'BisoPolicy', name: POLICY } });
    expect(members()[0]!.generation).toBe(generation);
  });

  it('refuses what the spec means to get wrong, naming the field and the cure', () => {
    const [rule] = policyPut().spec.rules;
    const spec = { ...policyPut().spec, rules: [{ ...rule!, requirement: { expression: 'pod.labels[' } }] };
    const result = chain.run('operator', 'policy.put', policyPut(POLICY, { spec }));
    expect(result).toMatchObject({ outcome: 'refused', code: 'InvalidSpec' });
    expect(result.reason).toContain('spec.rules[0].requirement.expression');
    expect(pointer().policyHeight).toBe(0);
  });

  it('keeps the cluster id with one cluster', () => {
    chain.run('operator', 'cluster.put', clusterPut());
    const otherId = { ...clusterPut().spec, clusterId: '00000000-0000-4000-8000-000000000000' };
    expect(chain.run('operator', 'cluster.put', clusterPut({ generation: 2, spec: otherId }))).toMatchObject({
      outcome: 'refused',
      code: 'Immutable',
    });
    expect(chain.run('operator', 'cluster.put', clusterPut({ name: 'second' }))).toMatchObject({ outcome: 'refused', code: 'Exists' });
    expect(chain.run('operator', 'cluster.put', clusterPut({ name: 'second', spec: otherId }))).toMatchObject({ outcome: 'applied' });
  });

  it('does not change the state when it is refused, but for the receipt and its fee', () => {
    put(2, 'a');
    const before = chain.state.entries();
    put(1, 'b');
    const changed = chain.state.entries().filter(([key, value]) => before.find(([other]) => other === key)?.[1] !== value);
    expect([...new Set(changed.map(([key]) => key.split('/')[0]))]).toEqual(['account', 'history', 'seen', 'supply']);
  });
});

describe('remove', () => {
  it('takes the object out of the set, once, and only the one with that uid', () => {
    put(1);
    expect(chain.run('operator', 'policy.remove', { name: POLICY, uid: 'other' })).toMatchObject({ outcome: 'applied', code: 'Absent' });
    expect(members()).toHaveLength(1);
    expect(chain.run('operator', 'policy.remove', { name: POLICY, uid: uidOf(POLICY) })).toMatchObject({ code: 'Removed' });
    expect(members()).toEqual([]);
    expect(chain.run('operator', 'policy.remove', { name: POLICY, uid: uidOf(POLICY) })).toMatchObject({ code: 'Absent' });
  });

  it('keeps a cluster that has workloads', () => {
    chain.run('operator', 'cluster.put', clusterPut());
    chain.run('operator', 'workload.put', workloadPut());
    const removal = { name: CLUSTER, uid: uidOf(CLUSTER) };
    expect(chain.run('operator', 'cluster.remove', removal)).toMatchObject({ outcome: 'refused', code: 'InUse' });
    chain.run('operator', 'workload.remove', { namespace: 'payments', name: 'eu-payments', uid: uidOf('eu-payments') });
    expect(chain.run('operator', 'cluster.remove', removal)).toMatchObject({ outcome: 'applied', code: 'Removed' });
  });
});

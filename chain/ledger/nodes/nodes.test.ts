import { beforeEach, describe, expect, it } from 'vitest';
import { stateKeys, type NodeRecord } from '../../types.js';
import { ReadyChain } from '../testing/readyChain.js';
import { clusterPut, nodeCommit, nodeReport } from '../testing/samplePayloads.js';
import { BPI, keyOf, testGenesis } from '../testing/testGenesis.js';
import { TestChain } from '../testing/testChain.js';

let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
});
const node = (name = 'eu-1') => chain.record<NodeRecord>(stateKeys.node(name));
const commit = (...args: Parameters<typeof nodeCommit>) => chain.run('node-operator', 'node.commit', nodeCommit(...args));

describe('node.commit', () => {
  it('takes a signed commitment; the node is not ready before it is reported', () => {
    expect(commit()).toMatchObject({ outcome: 'applied', code: 'Committed', object: { kind: 'Node', name: 'eu-1' } });
    expect(node()).toMatchObject({
      name: 'eu-1',
      region: 'EU',
      zone: 'eu-a',
      ready: false,
      operator: keyOf('node-operator').publicKey,
      capacity: { cpuMillis: 4_000, pods: 110 },
      allocated: { cpuMillis: 0, memoryBytes: 0, storageBytes: 0, pods: 0 },
      commitment: { blsPublicKey: nodeCommit().blsPublicKey, attestationProof: null },
    });
  });

  const forged: [name: string, commitment: () => ReturnType<typeof nodeCommit>, code: string][] = [
    ['resources other than those signed', () => ({ ...nodeCommit(), cpuMillis: 64_000 }), 'BadCommitment'],
    ['a region other than that signed', () => ({ ...nodeCommit(), region: 'US' }), 'BadCommitment'],
    ["another node's signature", () => ({ ...nodeCommit(), commitmentSignature: nodeCommit('us-1').commitmentSignature }), 'BadCommitment'],
    ['a signature that is no point', () => ({ ...nodeCommit(), commitmentSignature: '00'.repeat(96) }), 'BadCommitment'],
    [
      "another key's proof of possession",
      () => nodeCommit('eu-1', { blsProofOfPossession: nodeCommit('us-1').blsProofOfPossession }),
      'BadPossession',
    ],
  ];
  it.each(forged)('refuses %s', (_name, commitment, code) => {
    expect(chain.run('node-operator', 'node.commit', commitment())).toMatchObject({ outcome: 'refused', code });
    expect(node()).toBeUndefined();
  });

  it('refuses a commitment for another chain', () => {
    chain = new TestChain(testGenesis({ chainId: 'other-chain' }));
    expect(commit()).toMatchObject({ outcome: 'refused', code: 'BadCommitment' });
  });

  it('demands the stake for every node of the operator', () => {
    const results = Array.from({ length: 11 }, (_, i) => commit(`node-${i}`));
    expect(results.map(({ code }) => code)).toEqual([...Array.from({ length: 10 }, () => 'Committed'), 'InsufficientStake']);
    expect(results[10]!.reason).toContain('5500 BPI');
    expect(commit('node-0', { pods: 50 })).toMatchObject({ code: 'Updated' });
  });

  it('demands what a registered cluster demands, where that is more', () => {
    chain.run('operator', 'cluster.put', clusterPut({ spec: { ...clusterPut().spec, minimumStake: '2000 BPI' } }));
    expect([commit('a'), commit('b'), commit('c')].map(({ code }) => code)).toEqual(['Committed', 'Committed', 'InsufficientStake']);
  });

  it('belongs to the account that committed it', () => {
    const second = { ...testGenesis().accounts[2]!, name: 'second-operator', publicKey: keyOf('second').publicKey, stake: 500 * BPI };
    chain = new TestChain(testGenesis({ accounts: [...testGenesis().accounts, second] }));
    commit();
    expect(chain.run('second', 'node.commit', nodeCommit('eu-1', { pods: 1 }))).toMatchObject({ outcome: 'refused', code: 'NotOwner' });
    expect(chain.run('second', 'node.report', nodeReport())).toMatchObject({ outcome: 'refused', code: 'NotOwner' });
    expect(chain.run('second', 'node.remove', { name: 'eu-1' })).toMatchObject({ outcome: 'refused', code: 'NotOwner' });
    expect(chain.run('second', 'node.commit', nodeCommit('eu-2', { blsPublicKey: nodeCommit('eu-1').blsPublicKey }))).toMatchObject({
      outcome: 'refused',
      code: 'Exists',
    });
    expect(chain.run('node-operator', 'node.remove', { name: 'eu-1' })).toMatchObject({ outcome: 'applied', code: 'Removed' });
  });

  it('keeps what is allocated', () => {
    const ready = new ReadyChain();
    ready.admit('pod-1');
    ready.place('pod-1');
    const again = (changes: Parameters<typeof nodeCommit>[1]) => ready.run('node-operator', 'node.commit', nodeCommit('eu-1', changes));
    expect(again({ cpuMillis: 249 })).toMatchObject({ outcome: 'refused', code: 'BelowAllocated' });
    expect(again({ region: 'US' })).toMatchObject({ outcome: 'refused', code: 'InUse' });
    expect(again({ cpuMillis: 250 })).toMatchObject({ outcome: 'applied', code: 'Updated' });
    expect(ready.record<NodeRecord>(stateKeys.node('eu-1'))).toMatchObject({ ready: true, allocated: { pods: 1 }, capacity: { cpuMillis: 250 } });
    expect(ready.run('node-operator', 'node.remove', { name: 'eu-1' })).toMatchObject({ outcome: 'refused', code: 'InUse' });
    ready.move('pod-1', 'Failed');
    expect(ready.run('operator', 'node.remove', { name: 'eu-1' })).toMatchObject({ outcome: 'applied', code: 'Removed' });
  });

  it('is idempotent', () => {
    commit();
    expect(commit()).toMatchObject({ outcome: 'applied', code: 'Unchanged' });
  });
});

describe('node.report', () => {
  const measured = { cpuMillis: 4_000, memoryBytes: 2 ** 50, storageBytes: 2 ** 50, pods: 110 };
  it('records a commitment of more than the cluster measures, and lets nothing be placed beyond that', () => {
    commit();
    const less = { ...measured, cpuMillis: 1_500 };
    expect(chain.run('operator', 'node.report', nodeReport('eu-1', { allocatable: less }))).toMatchObject({
      outcome: 'applied',
      code: 'Overcommitted',
      reason: 'node eu-1 commits 4000 cpuMillis and has 1500; no more than it has is used',
      details: { over: [{ resource: 'cpuMillis', committed: 4_000, measured: 1_500 }], operator: keyOf('node-operator').publicKey },
    });
    expect(node()!.capacity.cpuMillis).toBe(1_500);
    commit('eu-1', { zone: 'eu-b' });
    expect(node()!.capacity.cpuMillis).toBe(1_500);
    expect(chain.run('operator', 'node.report', nodeReport('eu-1', { allocatable: measured }))).toMatchObject({ code: 'Reported' });
    expect(node()!.capacity.cpuMillis).toBe(4_000);
  });

  it('takes no word of its owner on what a node has', () => {
    commit();
    chain.run('node-operator', 'node.report', nodeReport('eu-1', { allocatable: { ...measured, cpuMillis: 1 } }));
    expect(node()).toMatchObject({ capacity: { cpuMillis: 4_000 } });
    expect(node()!.measured).toBeUndefined();
  });

  it('says how the node is, but not where it is', () => {
    commit();
    const labels = { 'topology.kubernetes.io/region': 'US', 'topology.kubernetes.io/zone': 'us-a', disk: 'ssd' };
    const result = chain.run('operator', 'node.report', nodeReport('eu-1', { labels, taints: [{ key: 'k', effect: 'NoSchedule' }] }));
    expect(result.reason).toContain('claims region US');
    expect(node()).toMatchObject({
      ready: true,
      region: 'EU',
      taints: [{ key: 'k', effect: 'NoSchedule' }],
      labels: { 'topology.kubernetes.io/region': 'EU', 'topology.kubernetes.io/zone': 'eu-a', disk: 'ssd', 'kubernetes.io/hostname': 'eu-1' },
    });
    expect(chain.run('operator', 'node.report', nodeReport('eu-1', { labels, taints: [{ key: 'k', effect: 'NoSchedule' }] }))).toMatchObject({
      code: 'Unchanged',
    });
  });

  it('is refused for a node that is not committed', () => {
    expect(chain.run('operator', 'node.report', nodeReport())).toMatchObject({ outcome: 'refused', code: 'UnknownNode' });
    expect(chain.run('operator', 'node.remove', { name: 'eu-1' })).toMatchObject({ outcome: 'applied', code: 'Absent' });
  });
});

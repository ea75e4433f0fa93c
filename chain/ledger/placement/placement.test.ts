import { beforeEach, describe, expect, it } from 'vitest';
import type { Statement } from '../../../receipts/types.js';
import { stateKeys, type NodeRecord, type SchedulingDecision, type SupplyRecord, type WaitingRecord, type WorkloadRecord } from '../../types.js';
import { ReadyChain } from '../testing/readyChain.js';
import { nodeReport, podFacts, policyPut, specHashOf, uidOf, workloadPut } from '../testing/samplePayloads.js';

let chain: ReadyChain;
beforeEach(() => {
  chain = new ReadyChain();
});
const node = (name: string) => chain.record<NodeRecord>(stateKeys.node(name))!;
const decision = (pod: string) => chain.record<SchedulingDecision>(stateKeys.decision(uidOf(pod)));
const waiting = (pod: string) => chain.record<WaitingRecord>(stateKeys.waiting(uidOf(pod)));
const pools = () => chain.record<SupplyRecord>(stateKeys.supply)!.pools;
const pod = podFacts().pod!;

describe('placement.request', () => {
  it('places an admitted pod where the policy allows, takes the resources and the fee, and says so', () => {
    const admitted = chain.admit('pod-1');
    const before = pools().scheduling!;
    const result = chain.place('pod-1');
    expect(result).toMatchObject({
      outcome: 'applied',
      code: 'Placed',
      object: { kind: 'Pod', namespace: 'payments', name: 'pod-1', uid: uidOf('pod-1') },
    });
    expect(result.details).toEqual({ node: 'eu-1', message: result.reason, policyHeight: 1 });
    expect(decision('pod-1')).toMatchObject({
      workloadId: uidOf('pod-1'),
      targetNode: 'eu-1',
      resourceAllocation: { cpuMillis: 250, memoryBytes: pod.memoryBytes, storageBytes: 0 },
      specHash: specHashOf('pod-1'),
      policyHeight: 1,
      verdictId: admitted.transactionId,
      height: chain.header.height,
      time: chain.header.timestamp,
      state: 'Scheduled',
    });
    expect(decision('pod-1')!.explanation.nodes.map(({ node, filter }) => [node, filter])).toEqual([
      ['eu-1', ''],
      ['us-1', 'policy'],
    ]);
    expect(node('eu-1').allocated).toEqual({ cpuMillis: 250, memoryBytes: pod.memoryBytes, storageBytes: 0, pods: 1 });
    expect(pools().scheduling! - before).toBe(1_000);
  });

  it('answers the same when it is asked again, and takes nothing more', () => {
    chain.admit('pod-1');
    chain.place('pod-1');
    const [allocated, paid] = [node('eu-1').allocated, pools().scheduling];
    expect(chain.place('pod-1', { attempt: 2 })).toMatchObject({ outcome: 'applied', code: 'AlreadyPlaced', details: { node: 'eu-1' } });
    expect([node('eu-1').allocated, pools().scheduling]).toEqual([allocated, paid]);
  });

  it('records why a pod waits, and forgets it when the pod is placed', () => {
    chain.run('operator', 'node.report', nodeReport('eu-1', { ready: false }));
    chain.admit('pod-1');
    const result = chain.place('pod-1', { attempt: 3 });
    expect(result).toMatchObject({ outcome: 'failed', code: 'Waiting', details: { node: null } });
    expect(waiting('pod-1')).toMatchObject({
      attempt: 3,
      height: chain.header.height,
      pod: { name: 'pod-1' },
      explanation: { message: result.reason },
    });
    expect(
      waiting('pod-1')!
        .explanation.nodes.map(({ filter }) => filter)
        .sort(),
    ).toEqual(['policy', 'ready']);
    expect(pools().scheduling).toBe(0);

    chain.run('operator', 'node.report', nodeReport('eu-1'));
    expect(chain.place('pod-1', { attempt: 4 })).toMatchObject({ code: 'Placed' });
    expect(waiting('pod-1')).toBeUndefined();
  });

  it('asks the policies in force now, not those of the admission', () => {
    chain.admit('pod-1');
    const strict = policyPut('no-restricted-data');
    const [rule] = strict.spec.rules;
    const never = { ...rule!, match: {}, requirement: { expression: 'data.classification != "Restricted"' } };
    chain.run('operator', 'policy.put', { ...strict, spec: { ...strict.spec, rules: [never] } });
    const result = chain.place('pod-1');
    expect(result).toMatchObject({ outcome: 'refused', code: 'RefusedByPolicy', details: { node: null, policyHeight: chain.header.height - 1 } });
    expect(result.reason).toContain('no-restricted-data');
    expect(waiting('pod-1')).toMatchObject({ explanation: { message: result.reason } });
    expect(decision('pod-1')).toBeUndefined();
  });

  it('judges a whole block by the policies before it', () => {
    chain.admit('pod-1');
    const strict = policyPut('no-restricted-data');
    const never = { ...strict.spec.rules[0]!, match: {}, requirement: { expression: 'false' } };
    const { results } = chain.commit([
      chain.sign('operator', 'policy.put', { ...strict, spec: { ...strict.spec, rules: [never] } }),
      chain.sign('operator', 'placement.request', { podUid: uidOf('pod-1'), specHash: specHashOf('pod-1'), attempt: 1 }),
    ]);
    expect(results.map(({ code }) => code)).toEqual(['Registered', 'Placed']);
    expect(decision('pod-1')!.policyHeight).toBe(1);
  });

  it('judges by the time of the placement, not of the admission', () => {
    chain.admit('pod-1');
    const rule = {
      ...policyPut('office-hours').spec.rules[0]!,
      match: {},
      requirement: { expression: `request.time < ${chain.header.timestamp + 60_000}` },
    };
    chain.run('operator', 'policy.put', policyPut('office-hours', { spec: { ...policyPut().spec, rules: [rule] } }));
    const late = chain.header.timestamp + 120_000;
    expect(
      chain.commit([chain.sign('operator', 'placement.request', { podUid: uidOf('pod-1'), specHash: specHashOf('pod-1'), attempt: 1 })], late)
        .results[0],
    ).toMatchObject({
      outcome: 'refused',
      code: 'RefusedByPolicy',
    });
  });

  const refusals: [name: string, arrange: () => void, request: object, code: string][] = [
    ['a pod that no verdict admitted', () => undefined, {}, 'NotAdmitted'],
    ['a pod whose spec is not the admitted one', () => chain.admit('pod-1'), { specHash: specHashOf('other') }, 'SpecChanged'],
    ['a placed pod with another spec', () => (chain.admit('pod-1'), chain.place('pod-1')), { specHash: specHashOf('other') }, 'SpecChanged'],
    ['a pod that has completed', () => (chain.admit('pod-1'), chain.place('pod-1'), chain.move('pod-1', 'Completed')), {}, 'AlreadyEnded'],
    ['a pod that was released', () => (chain.admit('pod-1'), chain.place('pod-1'), chain.move('pod-1', 'Released')), {}, 'NotAdmitted'],
    [
      'a pod whose workload was removed',
      () => {
        chain.run('operator', 'workload.put', workloadPut());
        chain.admit('pod-1', { workload: { name: 'eu-payments', uid: uidOf('eu-payments') } });
        chain.run('operator', 'workload.remove', { namespace: 'payments', name: 'eu-payments', uid: uidOf('eu-payments') });
      },
      {},
      'UnknownWorkload',
    ],
    [
      'a pod whose cluster was removed',
      () => {
        chain.admit('pod-1');
        chain.run('operator', 'cluster.remove', { name: 'eu-cluster', uid: uidOf('eu-cluster') });
      },
      {},
      'UnknownCluster',
    ],
  ];
  it.each(refusals)('refuses %s', (_name, arrange, request, code) => {
    arrange();
    const before = chain.state.entries().filter(([key]) => /^(node|decision|waiting)\//.test(key));
    expect(chain.place('pod-1', request)).toMatchObject({ outcome: 'refused', code });
    expect(chain.state.entries().filter(([key]) => /^(node|decision|waiting)\//.test(key))).toEqual(before);
  });

  it('fills a node to its commitment and no further', () => {
    const quarter = { ...pod, memoryBytes: node('eu-1').capacity.memoryBytes / 4 };
    const names = Array.from({ length: 5 }, (_, i) => `pod-${i}`);
    chain.commit(names.map((name) => chain.sign('webhook', 'admission.verdict', chain.verdict(chain.facts(name, { pod: quarter })))));
    const { results } = chain.commit(
      names.map((name) => chain.sign('operator', 'placement.request', { podUid: uidOf(name), specHash: specHashOf(name), attempt: 1 })),
    );
    expect(results.map(({ code }) => code)).toEqual(['Placed', 'Placed', 'Placed', 'Placed', 'Waiting']);
    expect(node('eu-1').allocated.memoryBytes).toBe(node('eu-1').capacity.memoryBytes);
  });

  it("uses only the cluster's nodes, by what the ledger holds of them", () => {
    chain = new ReadyChain({ nodeSelector: { matchLabels: { pool: 'enc', 'topology.kubernetes.io/region': 'EU' } } });
    chain.admit('pod-1');
    chain.run('operator', 'node.report', nodeReport('us-1', { labels: { pool: 'enc', 'topology.kubernetes.io/region': 'EU' } }));
    expect(chain.place('pod-1')).toMatchObject({ code: 'Waiting' });
    expect(waiting('pod-1')!.explanation.nodes).toEqual([]);
    chain.run('operator', 'node.report', nodeReport('eu-1', { labels: { pool: 'enc' } }));
    expect(chain.place('pod-1')).toMatchObject({ code: 'Placed', details: { node: 'eu-1' } });
  });
});

describe('placement.transition', () => {
  const table: [from: string[], to: 'Running' | 'Completed' | 'Failed' | 'Released', outcome: string, code: string, holds: boolean][] = [
    [[], 'Running', 'applied', 'Running', true],
    [[], 'Completed', 'applied', 'Completed', false],
    [[], 'Failed', 'applied', 'Failed', false],
    [[], 'Released', 'applied', 'Released', false],
    [['Running'], 'Running', 'applied', 'Unchanged', true],
    [['Running'], 'Completed', 'applied', 'Completed', false],
    [['Running'], 'Failed', 'applied', 'Failed', false],
    [['Completed'], 'Running', 'refused', 'IllegalTransition', false],
    [['Completed'], 'Failed', 'refused', 'IllegalTransition', false],
    [['Failed'], 'Completed', 'refused', 'IllegalTransition', false],
    [['Completed'], 'Released', 'applied', 'Released', false],
    [['Released'], 'Running', 'refused', 'NotPlaced', false],
    [['Released'], 'Released', 'applied', 'Absent', false],
  ];
  it.each(table)('after Scheduled %j, %s is %s (%s)', (before, to, outcome, code, holds) => {
    chain.admit('pod-1');
    chain.place('pod-1');
    for (const state of before) chain.move('pod-1', state as 'Running');
    expect(chain.move('pod-1', to)).toMatchObject({ outcome, code });
    expect(node('eu-1').allocated.pods).toBe(holds ? 1 : 0);
    expect(node('eu-1').allocated.memoryBytes).toBe(holds ? pod.memoryBytes : 0);
  });

  it('releases a pod that was admitted but never placed', () => {
    chain.admit('pod-1');
    expect(chain.move('pod-1', 'Released')).toMatchObject({ code: 'Released' });
    expect(chain.record(stateKeys.admission(uidOf('pod-1')))).toBeUndefined();
  });

  it.each([
    ['what was measured', { cpuTimeUsed: 1_500, memoryPeak: 4_096 }],
    ['that nothing was', undefined],
  ])('says in its receipt %s', (_what, usage) => {
    chain.admit('pod-1');
    chain.place('pod-1');
    const { statements } = chain.commit([chain.sign('operator', 'placement.transition', { podUid: uidOf('pod-1'), to: 'Completed', reason: '', ...(usage ? { usage } : {}) })]);
    expect((JSON.parse(statements[0]!) as Statement).predicate.resourceUsage).toEqual(usage ?? null);
  });

  it('takes the workload along', () => {
    const workload = () => chain.record<WorkloadRecord>(stateKeys.workload('payments', 'eu-payments'))!.state;
    chain.run('operator', 'workload.put', workloadPut());
    chain.admit('pod-1', { workload: { name: 'eu-payments', uid: uidOf('eu-payments') } });
    expect(workload()).toBe('Pending');
    chain.place('pod-1');
    expect(workload()).toBe('Scheduled');
    expect(decision('pod-1')!.workloadId).toBe(uidOf('eu-payments'));
    chain.move('pod-1', 'Running');
    expect(workload()).toBe('Running');
    chain.move('pod-1', 'Failed');
    expect(workload()).toBe('Running');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { stateKeys, type Payloads, type WorkloadRecord, type WorkloadState } from '../../types.js';
import { clusterPut, uidOf, workloadPut } from '../testing/samplePayloads.js';
import { TestChain } from '../testing/testChain.js';

const NAME = 'eu-payments';
let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
  chain.run('operator', 'cluster.put', clusterPut());
});
const put = (changes: Partial<Payloads['workload.put']> = {}) => chain.run('operator', 'workload.put', workloadPut(NAME, changes));
const move = (to: WorkloadState, uid = uidOf(NAME)) =>
  chain.run('operator', 'workload.transition', { namespace: 'payments', name: NAME, uid, to, reason: 'seen' });
const record = () => chain.record<WorkloadRecord>(stateKeys.workload('payments', NAME));

describe('workload.transition', () => {
  const paths: Record<WorkloadState, WorkloadState[]> = {
    Pending: [],
    Scheduled: ['Scheduled'],
    Running: ['Scheduled', 'Running'],
    Completed: ['Scheduled', 'Running', 'Completed'],
    Failed: ['Failed'],
    Slashed: [],
  };
  const legal: [from: WorkloadState, to: WorkloadState[]][] = [
    ['Pending', ['Scheduled', 'Failed']],
    ['Scheduled', ['Running', 'Failed']],
    ['Running', ['Completed', 'Failed']],
    ['Completed', []],
    ['Failed', []],
  ];
  it.each(legal)('from %s goes to %j and nowhere else (agreement 1.3)', (from, allowed) => {
    for (const to of Object.keys(paths) as WorkloadState[]) {
      chain = new TestChain();
      chain.run('operator', 'cluster.put', clusterPut());
      put();
      for (const step of paths[from]) move(step);
      const expected =
        to === from
          ? { outcome: 'applied', code: 'Unchanged' }
          : allowed.includes(to)
            ? { outcome: 'applied', code: to }
            : { outcome: 'refused', code: 'IllegalTransition' };
      expect([to, move(to)]).toEqual([to, expect.objectContaining(expected)]);
      expect(record()!.state).toBe(expected.outcome === 'applied' ? to : from);
    }
  });

  it('is refused for a workload that is not registered', () => {
    expect(move('Scheduled')).toMatchObject({ outcome: 'refused', code: 'UnknownWorkload' });
    put();
    expect(move('Scheduled', 'other')).toMatchObject({ outcome: 'refused', code: 'UnknownWorkload' });
  });
});

describe('workload.put', () => {
  const cases: [name: string, before: Partial<Payloads['workload.put']>[], last: Partial<Payloads['workload.put']>, outcome: string, code: string][] =
    [
      ['a new workload', [], {}, 'applied', 'Registered'],
      ['the same again', [{}], {}, 'applied', 'Unchanged'],
      ['more replicas', [{}], { generation: 2, replicas: 5 }, 'applied', 'Updated'],
      ['an older generation', [{ generation: 2 }], { generation: 1 }, 'refused', 'StaleGeneration'],
      ['the same generation otherwise', [{}], { replicas: 5 }, 'refused', 'GenerationConflict'],
      ['another kind', [{}], { generation: 2, workloadKind: 'Job' }, 'refused', 'Immutable'],
      ['another cluster', [{}], { generation: 2, cluster: 'second' }, 'refused', 'UnknownCluster'],
      ['an unknown cluster', [], { cluster: 'absent' }, 'refused', 'UnknownCluster'],
      ['one made anew', [{ generation: 7 }], { uid: 'new-uid' }, 'applied', 'Registered'],
    ];
  it.each(cases)('%s', (_name, before, last, outcome, code) => {
    for (const changes of before) put(changes);
    expect(put(last)).toMatchObject({ outcome, code, object: { kind: 'Workload', namespace: 'payments', name: NAME } });
  });

  it('keeps the state of a workload that goes on, and starts an ended one again', () => {
    put();
    move('Scheduled');
    put({ generation: 2 });
    expect(record()!.state).toBe('Scheduled');
    move('Failed');
    put({ generation: 3 });
    expect(record()!.state).toBe('Pending');
  });
});

describe('workload.remove', () => {
  it('removes the workload with that uid', () => {
    put();
    const remove = (uid: string) => chain.run('operator', 'workload.remove', { namespace: 'payments', name: NAME, uid });
    expect(remove('other')).toMatchObject({ code: 'Absent' });
    expect(remove(uidOf(NAME))).toMatchObject({ code: 'Removed' });
    expect(record()).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import type { NodeRecord } from '../../chain/types.js';
import type { Node } from '../runtime/kubeObject.js';
import { decide, reportOf } from './decide.js';

const node = (ready: string, labels: Record<string, string> = {}, taints: Node['spec'] = {}): Node => ({
  metadata: { name: 'eu-1', labels: { type: 'kwok', ...labels } },
  spec: taints,
  status: { conditions: [{ type: 'Ready', status: ready }] },
});
const measuring = (cpu: string): Node => ({ ...node('True'), status: { ...node('True').status, allocatable: { cpu, memory: '1Ki', pods: '110' } } }) as Node;
const record = (changes: Partial<NodeRecord> = {}): NodeRecord =>
  ({
    name: 'eu-1',
    region: 'EU',
    zone: 'eu-a',
    ready: true,
    labels: { 'kubernetes.io/hostname': 'eu-1', type: 'kwok', 'topology.kubernetes.io/region': 'EU', 'topology.kubernetes.io/zone': 'eu-a' },
    taints: [],
    ...changes,
  }) as NodeRecord;

describe('decide', () => {
  it.each<[string, Node | undefined, NodeRecord | undefined, string | undefined]>([
    ['not committed', node('True'), undefined, 'the node is not committed on the ledger'],
    ['known so', node('True'), record(), 'the ledger knows the node so'],
    [
      'a relabelled region is overruled by the commitment',
      node('True', { 'topology.kubernetes.io/region': 'US' }),
      record(),
      'the ledger knows the node so',
    ],
    ['not ready any more', node('False'), record(), undefined],
    ['readiness unknown counts as not ready', node('Unknown'), record({ ready: false }), 'the ledger knows the node so'],
    ['a new label', node('True', { disk: 'ssd' }), record(), undefined],
    ['a taint', node('True', {}, { taints: [{ key: 'k', effect: 'NoSchedule' }] }), record(), undefined],
    ['what it can give, where nobody told the ledger', measuring('8'), record(), undefined],
    ['what it can give, known so', measuring('8'), record({ measured: { cpuMillis: 8_000, memoryBytes: 1_024, storageBytes: 0, pods: 110 } }), 'the ledger knows the node so'],
    ['less than it was', measuring('4'), record({ measured: { cpuMillis: 8_000, memoryBytes: 1_024, storageBytes: 0, pods: 110 } }), undefined],
    ['what cannot be read', measuring('much'), record(), 'the ledger knows the node so'],
    ['gone from the cluster', undefined, record(), undefined],
    ['gone and reported', undefined, record({ ready: false }), 'the ledger knows the node so'],
  ])('%s', (_name, present, known, quiet) => {
    const decision = decide('eu-1', present, known);
    expect('quiet' in decision ? decision.quiet : undefined).toBe(quiet);
  });

  it('reports a node that is gone as not ready, and otherwise as it was', () => {
    expect(decide('eu-1', undefined, record())).toEqual({ report: { name: 'eu-1', ready: false, labels: record().labels, taints: [] } });
  });
});

describe('reportOf', () => {
  it('states what placement needs, within what the ledger takes', () => {
    const odd = node(
      'True',
      { 'bad key!': 'x' },
      {
        taints: [
          { key: 'k', value: 'v', effect: 'NoExecute' },
          { key: 'x', effect: 'Strange' },
        ],
      },
    );
    expect(reportOf(odd)).toEqual({ name: 'eu-1', ready: true, labels: { type: 'kwok' }, taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] });
  });
  it('says not ready of a node that is being deleted', () => {
    const leaving = node('True');
    leaving.metadata.deletionTimestamp = 'now';
    expect(reportOf(leaving).ready).toBe(false);
  });
});

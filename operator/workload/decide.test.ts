import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../api/labels.js';
import { sample } from '../../api/testing/samples.js';
import type { WorkloadState } from '../../chain/types.js';
import type { Verdict } from '../../policy/types.js';
import type { Pod } from '../runtime/kubeObject.js';
import { wantedChild } from './child.js';
import { plan } from './decide.js';
import { AppliedChildren, registrationOf, type SeenWorkload } from './gather.js';
import { status } from './status.js';

interface Case {
  kind?: 'Deployment' | 'Job';
  state?: WorkloadState;
  onLedger?: boolean;
  refused?: boolean;
  deleting?: boolean;
  child?: 'ours' | 'drifted' | 'theirs';
  conditions?: object[];
  pods?: Pod[];
  preview?: Partial<Verdict> | null;
}
function seen({
  kind = 'Deployment',
  state = 'Pending',
  onLedger = true,
  refused,
  deleting,
  child,
  conditions = [],
  pods = [],
  preview = {},
}: Case): SeenWorkload {
  const object = sample('Workload');
  object.spec.kind = kind;
  Object.assign(object.metadata, { uid: 'u', generation: 1, finalizers: [FINALIZER], ...(deleting ? { deletionTimestamp: 'now' } : {}) });
  const registration = registrationOf(object);
  return {
    object,
    registration,
    record: onLedger ? { ...registration, state, reason: 'because', height: 3 } : undefined,
    policyHeight: 7,
    refused: refused ? { generation: 1, policyHeight: 7, code: 'UnknownCluster', reason: 'no such EncCluster' } : undefined,
    child: child && { metadata: { name: 'sample-workload', namespace: 'default', uid: 'c' }, spec: {}, status: { conditions } },
    childIsOurs: child === 'ours' || child === 'drifted',
    childIsApplied: child === 'ours',
    pods,
    decisions: [],
    preview: preview && ({ decision: 'allow', light: 'Green', message: 'allowed', ...preview } as Verdict),
  };
}
const did = (one: Case) => plan(seen(one)).steps.map((step) => (step.do === 'transaction' ? step.type : step.do));
const pod = (conditions: { type: string; status: string; message?: string }[]): Pod => ({
  metadata: { name: 'p', namespace: 'default', uid: 'p' },
  spec: {},
  status: { conditions },
});
const done = [{ type: 'Complete', status: 'True' }];

describe('plan', () => {
  it.each<[string, Case, string[]]>([
    ['registered first, then made', { onLedger: false }, ['workload.put', 'apply']],
    ['registered: made', {}, ['apply']],
    ['made: nothing', { child: 'ours' }, []],
    ['changed by somebody: applied again', { child: 'drifted' }, ['apply']],
    ['never over what belongs to somebody else', { child: 'theirs' }, []],
    ['refused by the ledger: nothing is made', { onLedger: false, refused: true }, []],
    ['slashed: nothing is made', { state: 'Slashed' }, []],
    ['not enforced: registered, but not made', { onLedger: false, preview: null }, ['workload.put']],
    ['a complete Job', { kind: 'Job', child: 'ours', state: 'Running', conditions: done }, ['workload.transition']],
    ['a complete Job that the ledger does not know to run yet', { kind: 'Job', child: 'ours', state: 'Scheduled', conditions: done }, []],
    [
      'a failed Job, wherever it was',
      { kind: 'Job', child: 'ours', state: 'Pending', conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] },
      ['workload.transition'],
    ],
    ['a Job that has ended on the ledger', { kind: 'Job', child: 'ours', state: 'Completed', conditions: done }, []],
    ['deleted: its pods go first', { deleting: true, child: 'ours' }, ['delete']],
    ['deleted: waits for its pods', { deleting: true, pods: [pod([])] }, []],
    ['deleted and without pods: removed, then let go', { deleting: true }, ['workload.remove', 'dropFinalizer']],
    ['deleted: leaves what belongs to somebody else', { deleting: true, child: 'theirs' }, ['workload.remove', 'dropFinalizer']],
  ])('%s', (_name, one, steps) => expect(did(one)).toEqual(steps));
});

describe('wantedChild', () => {
  it('gives the pods their identity and the scheduler, and keeps what the template says', () => {
    const { object } = seen({});
    Object.assign(object.spec, { destinationRegions: ['US', 'EU'], agreementRefs: ['b', 'a'], regulatoryContext: { regulations: ['GDPR'] } });
    expect(wantedChild(object)).toMatchObject({
      kind: 'Deployment',
      metadata: { ownerReferences: [{ kind: 'Workload', uid: 'u', controller: true }] },
      spec: {
        replicas: 1,
        selector: { matchLabels: { 'enc.metanode.io/workload': 'sample-workload' } },
        template: {
          metadata: {
            labels: {
              app: 'sample',
              'enc.metanode.io/workload': 'sample-workload',
              'enc.metanode.io/data-classification': 'Restricted',
              'enc.metanode.io/data-region': 'EU',
              'enc.metanode.io/operation-type': 'Process',
            },
            annotations: {
              'enc.metanode.io/destination-regions': 'EU,US',
              'enc.metanode.io/regulations': 'GDPR',
              'enc.metanode.io/agreements': 'a,b',
            },
          },
          spec: { schedulerName: 'enc-scheduler', containers: [{ name: 'main' }] },
        },
      },
    });
  });
  it('makes a Job whose pods do not restart for ever', () => {
    const { object } = seen({ kind: 'Job' });
    object.spec.replicas = 3;
    expect(wantedChild(object)).toMatchObject({
      kind: 'Job',
      spec: { parallelism: 3, completions: 3, template: { spec: { restartPolicy: 'Never' } } },
    });
  });
  it('registers the same data whatever the order it is written in', () => {
    const { object } = seen({});
    object.spec.destinationRegions = ['US', 'EU'];
    const turned = structuredClone(object);
    turned.spec.destinationRegions.reverse();
    expect(registrationOf(turned).data).toEqual(registrationOf(object).data);
  });
});

describe('AppliedChildren', () => {
  const { object } = seen({});
  const child = { metadata: { name: 'c', uid: 'c', generation: 4 } };
  it('tells drift by the generations of both', () => {
    const applied = new AppliedChildren();
    expect(applied.has(object, child)).toBe(false);
    applied.remember(object, child);
    expect(applied.has(object, child)).toBe(true);
    expect(applied.has(object, { metadata: { ...child.metadata, generation: 5 } })).toBe(false);
    expect(applied.has({ ...object, metadata: { ...object.metadata, generation: 2 } }, child)).toBe(false);
  });
});

describe('status', () => {
  it.each<[string, Case, { state: string; message: string; ready: string }]>([
    ['waiting for pods', { child: 'ours' }, { state: 'Pending', message: 'allowed', ready: 'False/NotEnoughPods' }],
    [
      'would be refused',
      { child: 'ours', preview: { decision: 'refuse', light: 'Red', message: 'refused by geographic-data-sovereignty' } },
      { state: 'Pending', message: 'refused by geographic-data-sovereignty', ready: 'False/RefusedByPolicy' },
    ],
    [
      'its pods were refused',
      { child: 'ours', conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'admission webhook denied: GDPR Art. 44' }] },
      { state: 'Pending', message: 'admission webhook denied: GDPR Art. 44', ready: 'False/RefusedByPolicy' },
    ],
    [
      'a pod waits for a node',
      { child: 'ours', pods: [pod([{ type: 'PodScheduled', status: 'False', message: 'waiting: 3 nodes lack memory' }])] },
      { state: 'Pending', message: 'waiting: 3 nodes lack memory', ready: 'False/NotEnoughPods' },
    ],
    [
      'running',
      { child: 'ours', state: 'Running', pods: [pod([{ type: 'Ready', status: 'True' }])] },
      { state: 'Running', message: 'allowed', ready: 'True/Running' },
    ],
    ['completed', { kind: 'Job', child: 'ours', state: 'Completed' }, { state: 'Completed', message: 'allowed', ready: 'True/Completed' }],
    ['failed', { kind: 'Job', child: 'ours', state: 'Failed' }, { state: 'Failed', message: 'allowed', ready: 'False/Failed' }],
    ['refused by the ledger', { onLedger: false, refused: true }, { state: 'Pending', message: 'no such EncCluster', ready: 'False/NotEnoughPods' }],
    [
      'not enforced',
      { preview: null },
      { state: 'Pending', message: expect.stringContaining('no EncCluster enforces its namespace') as string, ready: 'False/NamespaceNotEnforced' },
    ],
  ])('%s', (_name, one, expected) => {
    const found = status(seen(one));
    const ready = found.conditions.find(({ type }) => type === 'Ready')!;
    expect({ state: found.state, message: found.message, ready: `${ready.status}/${ready.reason}` }).toEqual(expected);
  });
});

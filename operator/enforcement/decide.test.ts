// Which step a running pod's judgement leads to, and that an old pod goes only for one that serves.
import { describe, expect, it } from 'vitest';
import { RUNTIME_LABELS } from '../../api/labels.js';
import type { Pod } from '../runtime/kubeObject.js';
import { BEFORE_ANNOTATION, decide, TEMPLATE_HASH } from './decide.js';
import type { Judgement, Remedy } from './judge.js';

const owner = (kind = 'ReplicaSet', uid = 'rs') => [{ apiVersion: 'apps/v1', kind, name: 'shop', uid, controller: true }];
function pod(uid: string, changes: { labels?: Record<string, string>; node?: string | null; ready?: boolean; owned?: Pod['metadata']['ownerReferences']; more?: object } = {}): Pod {
  const { labels = {}, node = 'us-1', ready = true, owned = owner(), more = {} } = changes;
  return {
    metadata: { name: uid, namespace: 'payments', uid, labels: { [TEMPLATE_HASH]: 'h', ...labels }, ownerReferences: owned, ...more },
    spec: node === null ? {} : { nodeName: node },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}
const judged = (remedy: Remedy) => ({ remedy }) as Judgement;
const step = (one: Pod, remedy: Remedy, neighbours: Pod[] = [], region = 'US') => decide({ pod: one, judgement: judged(remedy), region, neighbours: [one, ...neighbours] });
const moved = pod('old', { labels: { [RUNTIME_LABELS.moving]: 'rs' }, owned: [], more: { annotations: { [BEFORE_ANNOTATION]: 'old,sibling' } } });

describe('decide', () => {
  it.each<[string, object, object]>([
    ['marks the region of a pod that may run', step(pod('a'), 'none'), { do: 'mark', region: 'US' }],
    ['leaves a marked one alone', step(pod('a', { labels: { [RUNTIME_LABELS.region]: 'US' } }), 'none'), { do: 'nothing' }],
    ['only reports what was to be asked before', step(pod('a', { labels: { [RUNTIME_LABELS.region]: 'US' } }), 'report'), { do: 'nothing' }],
    ['moves', step(pod('a'), 'migrate', [pod('b'), pod('c', { owned: owner('ReplicaSet', 'other') })]), { do: 'detach', controller: 'rs', before: ['a', 'b'] }],
    ['moves one of a ReplicaSet at a time', step(pod('a'), 'migrate', [moved]), { do: 'nothing' }],
    ['cuts off what no ReplicaSet makes again', step(pod('a', { owned: [] }), 'migrate'), { do: 'cut' }],
    ['cuts off a Job’s pod', step(pod('a', { owned: owner('Job') }), 'migrate'), { do: 'cut' }],
    ['cuts off', step(pod('a'), 'cut'), { do: 'cut' }],
    ['cuts off once', step(pod('a', { labels: { [RUNTIME_LABELS.cut]: 'true' } }), 'cut'), { do: 'nothing' }],
    ['restores what may run again', step(pod('a', { labels: { [RUNTIME_LABELS.cut]: 'true' } }), 'none'), { do: 'restore' }],
    ['stops', step(pod('a'), 'stop'), { do: 'stop' }],
    ['leaves a pod without a node alone', step(pod('a', { node: null }), 'stop'), { do: 'nothing' }],
    ['leaves a pod that goes alone', step(pod('a', { more: { deletionTimestamp: 'now' } }), 'stop'), { do: 'nothing' }],
  ])('%s', (_name, given, expected) => expect(given).toMatchObject(expected));

  it.each<[string, Pod[], string]>([
    ['nobody is there', [], 'nothing'],
    ['a sibling of before is there', [pod('sibling')], 'nothing'],
    ['the new one is not ready', [pod('new', { ready: false })], 'nothing'],
    ['the new one is another ReplicaSet’s', [pod('new', { owned: owner('ReplicaSet', 'other') })], 'nothing'],
    ['the new one serves', [pod('sibling'), pod('new')], 'removeMoved'],
  ])('an old pod stays until another serves in its place: %s', (_name, neighbours, expected) => {
    for (const remedy of ['migrate', 'none'] as const) expect(step(moved, remedy, neighbours).do).toBe(expected);
  });
});

// What only a kubelet knows is told once it stays; what just came or went, or has a mirror, is not.
import { describe, expect, it } from 'vitest';
import type { Pod } from '../runtime/kubeObject.js';
import { HiddenPods, hiddenPodText, unknownIn } from './hiddenPods.js';

const podOf = (uid: string, annotations: Record<string, string> = {}) => ({ metadata: { uid, name: uid, namespace: 'payments', annotations } }) as unknown as Pod;
const knownOf = (...pods: Pod[]) => ({ get: (uid: string) => pods.find(({ metadata }) => metadata.uid === uid), all: () => pods });
const summary = (...uids: string[]) => ({ pods: uids.map((uid) => ({ podRef: { uid, name: `pod-${uid}`, namespace: 'payments' } })) });
const hidden = (uid: string) => ({ namespace: 'payments', name: `pod-${uid}`, uid });

describe('unknownIn', () => {
  it('names what has neither a pod nor a mirror', () => {
    const known = knownOf(podOf('a'), podOf('pod-static', { 'kubernetes.io/config.mirror': 'static' }), podOf('decoy', { 'kubernetes.io/config.mirror': 'strange' }));
    expect(unknownIn(summary('a', 'static', 'strange'), known)).toEqual([hidden('strange')]);
    expect(unknownIn({}, known)).toEqual([]);
    expect(unknownIn({ pods: [{}, { podRef: { uid: 'x' } }] }, known)).toEqual([]);
  });
});

describe('HiddenPods', () => {
  it('tells of a pod at its second look in a row, again until it is on record, and then no more', () => {
    const pods = new HiddenPods(knownOf(podOf('a')));
    expect(pods.look('n', summary('a', 'x'))).toEqual([]);
    expect(pods.look('n', summary('a', 'x', 'y'))).toEqual([hidden('x')]);
    expect(pods.look('n', summary('x', 'y'))).toEqual([hidden('x'), hidden('y')]);
    pods.told('n', hidden('x'));
    expect(pods.look('n', summary('x'))).toEqual([]);
    expect(pods.look('n', summary('x', 'y'))).toEqual([]);
    expect(pods.look('other', summary('x'))).toEqual([]);
  });

  it('tells again of one that had gone', () => {
    const pods = new HiddenPods(knownOf());
    for (let i = 0; i < 2; i++) pods.look('n', summary('x'));
    pods.told('n', hidden('x'));
    pods.look('n', summary());
    pods.look('n', summary('x'));
    expect(pods.look('n', summary('x'))).toEqual([hidden('x')]);
  });

  it('says which node, which pod and what to do', () => {
    expect(hiddenPodText('n', hidden('x'))).toMatch(/^node n runs pod payments\/pod-x \(uid x\).*Remove its file/);
  });
});

import { describe, expect, it } from 'vitest';
import type { AdmissionRecord, SchedulingDecision } from '../../chain/types.js';
import type { Pod } from '../runtime/kubeObject.js';
import { decide } from './decide.js';
import { gonePods } from './sweep.js';
import { WaitingPods } from './waitingPods.js';

const pod = (changes: { node?: string; phase?: string; deleting?: boolean; gates?: number } = {}): Pod => ({
  metadata: { name: 'p', namespace: 'payments', uid: 'u', ...(changes.deleting ? { deletionTimestamp: 'now' } : {}) },
  spec: { ...(changes.node ? { nodeName: changes.node } : {}), ...(changes.gates ? { schedulingGates: [{ name: 'wait' }] } : {}) },
  status: { phase: changes.phase ?? 'Pending' },
});
const placed = (state: SchedulingDecision['state'] = 'Scheduled') => ({ targetNode: 'eu-1', height: 5, state }) as SchedulingDecision;

describe('decide', () => {
  it.each<[string, Pod | undefined, SchedulingDecision | undefined, boolean, object]>([
    ['new: ask for a placement', pod(), undefined, false, { do: 'request' }],
    ['decided but unbound, as after a restart: bind', pod(), placed(), false, { do: 'bind', node: 'eu-1' }],
    ['gated', pod({ gates: 1 }), undefined, false, { do: 'nothing' }],
    ['deleted before it was bound', pod({ deleting: true }), placed(), false, { do: 'nothing' }],
    ['ended unbound', pod({ phase: 'Failed' }), undefined, false, { do: 'nothing' }],
    ['bound, not running yet', pod({ node: 'eu-1' }), placed(), false, { do: 'nothing' }],
    ['running', pod({ node: 'eu-1', phase: 'Running' }), placed(), false, { do: 'transition', to: 'Running' }],
    ['running and reported', pod({ node: 'eu-1', phase: 'Running' }), placed('Running'), false, { do: 'nothing' }],
    ['over before it was seen running', pod({ node: 'eu-1', phase: 'Succeeded' }), placed(), false, { do: 'transition', to: 'Completed' }],
    ['failed', pod({ node: 'eu-1', phase: 'Failed' }), placed('Running'), false, { do: 'transition', to: 'Failed' }],
    ['failed and reported', pod({ node: 'eu-1', phase: 'Failed' }), placed('Failed'), false, { do: 'nothing' }],
    ['running where nobody decided', pod({ node: 'us-1', phase: 'Running' }), undefined, false, { do: 'complain', code: 'NotCertified' }],
    ['running elsewhere than decided', pod({ node: 'us-1', phase: 'Running' }), placed(), false, { do: 'complain', code: 'PlacementViolated' }],
    ['being deleted while it runs', pod({ node: 'eu-1', phase: 'Running', deleting: true }), placed('Running'), false, { do: 'nothing' }],
    ['gone: release', undefined, placed('Running'), false, { do: 'transition', to: 'Released' }],
    ['gone, whatever is known of it: release', undefined, undefined, false, { do: 'transition', to: 'Released' }],
    ['gone and released', undefined, placed('Running'), true, { do: 'nothing' }],
  ])('%s', (_name, present, decision, released, step) => expect(decide(present, decision, released)).toMatchObject(step));
});

describe('a lost node', () => {
  const lost = (node: string) => (node === 'eu-1' ? 'it was not heard' : undefined);
  it.each<[string, Pod, SchedulingDecision, string]>([
    ['bound to it: evict', pod({ node: 'eu-1', phase: 'Running' }), placed('Running'), 'evict'],
    ['reported failed, but not deleted yet: evict', pod({ node: 'eu-1', phase: 'Running' }), placed('Failed'), 'evict'],
    ['decided for it and not bound: evict', pod(), placed(), 'evict'],
    ['on its way out already', pod({ node: 'eu-1', phase: 'Running', deleting: true }), placed('Failed'), 'nothing'],
    ['over before the node was lost', pod({ node: 'eu-1', phase: 'Succeeded' }), placed('Completed'), 'nothing'],
  ])('%s', (_name, present, decision, step) => expect(decide(present, decision, false, lost).do).toBe(step));
  it('is no matter of pods elsewhere', () => {
    const elsewhere = { ...placed('Running'), targetNode: 'eu-2' };
    expect(decide(pod({ node: 'eu-2', phase: 'Running' }), elsewhere, false, lost).do).toBe('nothing');
  });
});

describe('gonePods', () => {
  const admission = (uid: string, changes: object = {}) =>
    ({ facts: { object: { kind: 'Pod', uid }, cluster: 'eu', time: 0, ...changes } }) as AdmissionRecord;
  it.each<[string, AdmissionRecord, string[]]>([
    ['gone', admission('gone'), ['gone']],
    ['there', admission('there'), []],
    ['admitted a moment ago, perhaps not stored yet', admission('gone', { time: 90_000 }), []],
    ['of another cluster', admission('gone', { cluster: 'us' }), []],
    ['of no cluster', admission('gone', { cluster: null }), []],
  ])('%s', (_name, record, uids) => {
    expect(gonePods({ admissions: [record], clusters: new Set(['eu']), exists: (uid) => uid === 'there', now: 100_000 })).toEqual(uids);
  });
});

describe('WaitingPods', () => {
  function make() {
    let now = 0;
    const added: [string, number][] = [];
    const waiting = new WaitingPods(
      { addAfter: (key, ms) => void added.push([key, ms]) },
      () => 1,
      () => now,
    );
    return { waiting, added, at: (ms: number) => (now = ms) };
  }
  it('looks again anyway after five minutes, and on a change as soon as its wait is over', () => {
    const { waiting, added, at } = make();
    waiting.add('u');
    at(400);
    waiting.somethingChanged();
    at(2_000);
    waiting.somethingChanged();
    expect(added).toEqual([
      ['u', 300_000],
      ['u', 600],
      ['u', 0],
    ]);
  });
  it('waits longer each time, ten seconds at most, and not at all once placed', () => {
    const { waiting, added } = make();
    for (let i = 0; i < 6; i += 1) waiting.add('u');
    waiting.somethingChanged();
    expect(added.at(-1)).toEqual(['u', 10_000]);
    expect(waiting.attempts('u')).toBe(6);
    waiting.remove('u');
    waiting.somethingChanged();
    expect([added.length, waiting.size, waiting.attempts('u')]).toEqual([7, 0, 0]);
  });
});

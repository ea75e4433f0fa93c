// Only the node of a certified decision for exactly this pod is bound to.
import { describe, expect, it } from 'vitest';
import { stateKeys } from '../../chain/types.js';
import { testContext, testRequest } from '../testing/samples.js';
import { checkBinding } from './binding.js';

const pod = { kind: 'Pod', namespace: 'payments', name: 'cart', uid: 'pod-uid' };
const binding = (node: string, metadata: object = { uid: 'pod-uid', name: 'cart' }) => ({ metadata, target: { kind: 'Node', name: node } });
const request = (object: object, changes: object = {}) =>
  testRequest({ kind: { group: '', version: 'v1', kind: 'Binding' }, subResource: 'binding', object: object as never, ...changes });
const placed = (changes: object = {}) => {
  const context = testContext();
  context.client.place({ pod: { ...pod, ...changes }, targetNode: 'eu-1' });
  return context;
};

describe('checkBinding', () => {
  it('lets the decided node through, with the decision’s spec', async () => {
    expect(await checkBinding(request(binding('eu-1')), placed())).toMatchObject({
      operation: 'BIND',
      guards: [],
      pod: null,
      binding: { node: 'eu-1', podUid: 'pod-uid' },
      object: { kind: 'Binding', name: 'cart', uid: 'pod-uid', specHash: 'ab'.repeat(32) },
    });
  });

  it.each<[string, object, ReturnType<typeof placed>, string]>([
    ['another node', binding('us-1'), placed(), 'OtherNode'],
    ['no node', { metadata: { uid: 'pod-uid' } }, placed(), 'OtherNode'],
    ['what is no node', { metadata: { uid: 'pod-uid' }, target: { kind: 'Service', name: 'eu-1' } }, placed(), 'NotANode'],
    ['no uid', binding('eu-1', { name: 'cart' }), placed(), 'BindingWithoutUid'],
    ['the decision of another pod', binding('eu-1'), placed({ name: 'other' }), 'OtherPod'],
    ['the decision of a pod in another namespace', binding('eu-1'), placed({ namespace: 'free' }), 'OtherPod'],
  ])('refuses %s', async (_name, object, context, code) => {
    expect((await checkBinding(request(object), context))!.guards.map(({ name }) => name)).toEqual([code]);
  });

  it.each([
    ['the operator', 'region', []],
    ['the operator', 'cut', ['BindingChangesPod']],
    ['somebody else', 'region', ['BindingChangesPod']],
  ])('lets %s set the runtime label %s: %j', async (who, label, codes) => {
    const context = placed();
    const user = who === 'the operator' ? context.operatorUser : 'alice';
    const labelled = binding('eu-1', { uid: 'pod-uid', name: 'cart', labels: { [`runtime.enc.metanode.io/${label}`]: 'EU' } });
    expect((await checkBinding(request(labelled, { user }), context))!.guards.map(({ name }) => name)).toEqual(codes);
  });

  it('asks nobody for a decision that a block brought', async () => {
    const context = testContext();
    context.placements = { soon: () => Promise.resolve({ pod, targetNode: 'eu-1', specHash: 'cd' }) };
    expect((await checkBinding(request(binding('eu-1')), context))!.object.specHash).toBe('cd');
  });

  it('refuses a pod without a decision, after a moment in which one may yet be seen', async () => {
    const context = testContext();
    expect((await checkBinding(request(binding('eu-1')), context))!.guards.map(({ name }) => name)).toEqual(['NoDecision']);
    setTimeout(() => context.client.records.set(stateKeys.decision('pod-uid'), { pod, targetNode: 'eu-1', specHash: '' }), 60);
    expect((await checkBinding(request(binding('eu-1')), context))!.guards).toEqual([]);
  });

  it('is not concerned with other namespaces', async () => {
    expect(await checkBinding(request(binding('eu-1'), { namespace: 'free' }), placed())).toBeNull();
  });
});

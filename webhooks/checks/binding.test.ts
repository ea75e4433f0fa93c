// Only the node of a certified decision for exactly this pod is bound to.
import { describe, expect, it } from 'vitest';
import { stateKeys } from '../../chain/types.js';
import { testContext, testRequest } from '../testing/samples.js';
import { evaluate } from '../../policy/evaluate.js';
import { certifiedBinding, checkBinding } from './binding.js';

const pod = { kind: 'Pod', namespace: 'payments', name: 'cart', uid: 'pod-uid' };
const binding = (node: string, metadata: object = { uid: 'pod-uid', name: 'cart' }) => ({ metadata, target: { kind: 'Node', name: node } });
const request = (object: object, changes: object = {}) =>
  testRequest({ kind: { group: '', version: 'v1', kind: 'Binding' }, subResource: 'binding', object: object as never, ...changes });
const placed = (changes: object = {}) => {
  const context = testContext();
  context.client.place({ pod: { ...pod, ...changes }, targetNode: 'eu-1' });
  return context;
};

/** A block brought the decision. */
function bookOf(context: ReturnType<typeof testContext>, changes: object = {}): void {
  const booked = { pod, targetNode: 'eu-1', specHash: 'cd', policyHeight: context.client.policySet().policyHeight, receiptId: 'receipt-of-placement', ...changes };
  context.placements = { soon: () => Promise.resolve(booked), of: (uid) => (uid === pod.uid ? booked : undefined) };
}

describe('certifiedBinding', () => {
  it.each<[string, object, object, string | undefined]>([
    ['that carries out the decision has its receipt', {}, binding('eu-1'), 'receipt-of-placement'],
    ['to another node is a new question', {}, binding('us-1'), undefined],
    ['without a uid is a new question', {}, binding('eu-1', { name: 'cart' }), undefined],
    ['of another pod is a new question', {}, binding('eu-1', { name: 'other', uid: 'other-uid' }), undefined],
    ['after the policies changed is a new question', { policyHeight: -1 }, binding('eu-1'), undefined],
  ])('one %s', async (_name, changes, object, receiptId) => {
    const context = testContext();
    bookOf(context, changes);
    const facts = (await checkBinding(request(object), context))!;
    expect(certifiedBinding(facts, evaluate(context.client.policySet(), facts), context)).toBe(receiptId);
  });

  it('does not stand for a verdict that refuses', async () => {
    const context = testContext();
    bookOf(context);
    const facts = (await checkBinding(request(binding('eu-1')), context))!;
    const verdict = evaluate(context.client.policySet(), facts);
    expect(certifiedBinding(facts, { ...verdict, decision: 'refuse' }, context)).toBeUndefined();
  });
});

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
    bookOf(context);
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

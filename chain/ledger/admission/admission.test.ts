import { beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../policy/evaluate.js';
import type { AdmissionFacts, Verdict, Violation } from '../../../policy/types.js';
import { stateKeys, type AdmissionRecord, type Payloads, type TransactionResult } from '../../types.js';
import { checkTransaction } from '../checkTransaction.js';
import { policyPointer, policySetAt } from '../policySet/policySet.js';
import { ReadyChain } from '../testing/readyChain.js';
import { policyPut, rulePut, specHashOf, uidOf, workloadPut } from '../testing/samplePayloads.js';

let chain: ReadyChain;
beforeEach(() => {
  chain = new ReadyChain();
});
const submit = (payload: Payloads['admission.verdict'], timestamp?: number): TransactionResult =>
  chain.run('webhook', 'admission.verdict', payload, timestamp);
const admission = (pod = 'pod-1') => chain.record<AdmissionRecord>(stateKeys.admission(uidOf(pod)));
const guard: Violation = {
  kind: 'Guard',
  name: 'NodeNamePreset',
  rule: '',
  clause: '',
  regulation: '',
  message: 'spec.nodeName is set',
  cure: 'leave spec.nodeName out',
  action: 'reject_workload',
};

describe('admission.verdict', () => {
  it('is taken when it is what the same inputs give; an allowed pod is remembered', () => {
    const payload = chain.verdict(chain.facts('pod-1'));
    const result = submit(payload);
    expect(result).toMatchObject({
      outcome: 'allowed',
      code: 'Admitted',
      reason: payload.verdict.message,
      object: { kind: 'Pod', namespace: 'payments', name: 'pod-1', uid: uidOf('pod-1') },
      details: { light: 'Green', decision: 'allow', policyHeight: 1, operation: 'CREATE', violations: [], user: payload.facts.user },
    });
    expect(admission()).toEqual({ facts: payload.facts, policyHeight: 1, verdictId: result.transactionId, height: chain.header.height });
  });

  it('that refuses has a receipt which names policy, rule, clause, regulation and cure', () => {
    const facts = chain.facts('pod-1', { pod: { ...chain.facts('x').pod!, pinnedRegions: ['US'] } });
    const result = submit(chain.verdict(facts));
    expect(result).toMatchObject({ outcome: 'refused', code: 'RefusedByPolicy', details: { light: 'Red', decision: 'refuse' } });
    expect((result.details as { violations: Violation[] }).violations[0]).toMatchObject({
      kind: 'BisoPolicy',
      name: 'geographic-data-sovereignty',
      rule: 'eu-data-stays-in-eu',
      clause: 'Data stays in the EU.',
      regulation: 'GDPR Art. 44',
    });
    expect(admission()).toBeUndefined();
  });

  it('that a guard refuses says so', () => {
    expect(submit(chain.verdict(chain.facts('pod-1', { guards: [guard] })))).toMatchObject({ outcome: 'refused', code: 'RefusedByGuard' });
  });

  it('names the obligations of a Yellow flow', () => {
    chain.run('operator', 'rule.put', rulePut('eu-to-us', { spec: { ...rulePut().spec, conditions: {} } }));
    const data = { ...chain.facts('x').data!, classification: 'Internal' as const, sourceRegion: 'EU', destinationRegions: ['US'], regulations: [] };
    chain.run('operator', 'policy.remove', { name: 'geographic-data-sovereignty', uid: uidOf('geographic-data-sovereignty') });
    expect(submit(chain.verdict(chain.facts('pod-1', { data })))).toMatchObject({
      outcome: 'allowed',
      details: { light: 'Yellow', obligations: [{ type: 'rate-limit', rule: 'eu-to-us', parameters: { requestsPerSecond: '100' } }] },
    });
  });

  const lies: [name: string, lie: (honest: Payloads['admission.verdict']) => Payloads['admission.verdict'], says: string][] = [
    ['a refusal turned into an allowance', ({ facts, verdict }) => ({ facts: { ...facts, guards: [guard] }, verdict }), 'verdict.decision'],
    ['another message', ({ facts, verdict }) => ({ facts, verdict: { ...verdict, message: 'fine' } }), 'verdict.message'],
    ['another light', ({ facts, verdict }) => ({ facts, verdict: { ...verdict, light: 'Yellow' } }), 'verdict.light is "Yellow"'],
    ['a wider region', ({ facts, verdict }) => ({ facts, verdict: { ...verdict, allowedRegions: ['EU', 'US'] } }), 'verdict.allowedRegions[1]'],
    ['a member left out', ({ facts, verdict: { flows: _, ...verdict } }) => ({ facts, verdict: verdict as Verdict }), 'verdict.flows'],
    ['a member too many', ({ facts, verdict }) => ({ facts, verdict: { ...verdict, note: 'x' } as Verdict }), 'verdict.note'],
    ['no cluster where one enforces', ({ facts }) => chain.verdict({ ...facts, cluster: null }), 'facts.cluster is null'],
    ['another cluster', ({ facts }) => chain.verdict({ ...facts, cluster: 'other' }), 'facts.cluster is other'],
    ['no data', ({ facts }) => chain.verdict({ ...facts, data: null }), 'data'],
    ['no pod', ({ facts }) => chain.verdict({ ...facts, pod: null }), 'pod'],
    [
      'labels of another namespace',
      ({ facts }) => chain.verdict({ ...facts, namespace: { name: 'kube-system', labels: {} }, cluster: null }),
      'facts.namespace',
    ],
  ];
  it.each(lies)('with %s is refused, and says where it is wrong', (_name, lie, says) => {
    const result = submit(lie(chain.verdict(chain.facts('pod-1'))));
    expect(result).toMatchObject({ outcome: 'refused', code: 'VerdictMismatch' });
    expect(result.reason).toContain(says);
    expect(admission()).toBeUndefined();
  });

  const times: [name: string, offset: number, code: string][] = [
    ['60 s before the block before', -61_000, 'Admitted'],
    ['longer before the block before', -61_001, 'StaleVerdict'],
    ['60 s after the block', 60_000, 'Admitted'],
    ['longer after the block', 60_001, 'StaleVerdict'],
  ];
  it.each(times)('of %s: %s', (_name, offset, code) => {
    expect(submit(chain.verdict(chain.facts('pod-1', { time: chain.nextTime + offset })))).toMatchObject({ code });
  });

  describe('of a connection', () => {
    const connect = (changes: Partial<AdmissionFacts> = {}) => {
      const { data, ...facts } = chain.facts('pod-1', { operation: 'CONNECT' });
      return submit(chain.verdict({ ...facts, data: { ...data!, destinationRegions: ['EU'], operationType: 'Transfer' }, ...changes }));
    };
    it('is taken for what the pod was admitted with, wherever it goes', () => {
      chain.admit('pod-1');
      expect(connect()).toMatchObject({ outcome: 'allowed', code: 'Allowed' });
      expect(connect({ data: { ...chain.facts('x').data!, destinationRegions: ['US'], operationType: 'Transfer' } })).toMatchObject({ code: 'RefusedByPolicy' });
    });
    it('is refused for a pod that is not admitted, and for data that is not the pod’s', () => {
      expect(connect()).toMatchObject({ outcome: 'refused', code: 'NotAdmitted' });
      chain.admit('pod-1');
      expect(connect({ data: { ...chain.facts('x').data!, classification: 'Public' } })).toMatchObject({ code: 'VerdictMismatch' });
      expect(connect({ data: null })).toMatchObject({ code: 'VerdictMismatch' });
    });
  });

  it('does not grow stale while the chain stands still', () => {
    const given = chain.verdict(chain.facts('pod-1', { time: chain.header.timestamp + 100_000 }));
    expect(submit(given, chain.header.timestamp + 1_000_000)).toMatchObject({ code: 'Admitted' });
  });

  const replacements: [name: string, age: number, code: string][] = [
    ['60 s', 60_000, 'Admitted'],
    ['longer', 60_001, 'StalePolicyHeight'],
  ];
  it.each(replacements)('by a policy set that had been replaced for %s: %s', (_name, age, code) => {
    const old = policySetAt(chain.state, 1)!;
    chain.run('operator', 'policy.put', policyPut('second'));
    chain.commit([], chain.header.timestamp + age);
    const facts = chain.facts('pod-1');
    expect(submit({ facts, verdict: evaluate(old, facts) })).toMatchObject({ code });
  });

  it('cannot name a policy set that is not there yet', () => {
    const { facts, verdict } = chain.verdict(chain.facts('pod-1'));
    expect(submit({ facts, verdict: { ...verdict, policyHeight: chain.nextHeight } })).toMatchObject({
      outcome: 'refused',
      code: 'UnknownPolicyHeight',
    });
    expect(policyPointer(chain.state).policyHeight).toBe(1);
  });

  it('twice about one pod admits it once; about another spec it is refused', () => {
    const first = chain.admit('pod-1');
    expect(chain.admit('pod-1')).toMatchObject({ outcome: 'allowed', code: 'AlreadyAdmitted' });
    expect(admission()!.verdictId).toBe(first.transactionId);
    for (const other of [{ specHash: specHashOf('other') }, { name: 'pod-2' }])
      expect(chain.admit('pod-1', { object: { ...chain.facts('pod-1').object, ...other } })).toMatchObject({
        outcome: 'refused',
        code: 'AdmissionConflict',
      });
  });

  it('names an owner only if that is registered', () => {
    const workload = { name: 'eu-payments', uid: uidOf('eu-payments') };
    expect(chain.admit('pod-1', { workload })).toMatchObject({ outcome: 'refused', code: 'UnknownWorkload' });
    chain.run('operator', 'workload.put', workloadPut());
    expect(chain.admit('pod-1', { workload })).toMatchObject({ outcome: 'allowed', code: 'Admitted' });
  });

  it('cannot call the data of a Workload less than it is registered with', () => {
    chain.run('operator', 'workload.put', workloadPut());
    const data = { ...chain.facts('pod-1').data!, classification: 'Public' as const };
    const result = chain.admit('pod-1', { data, workload: { name: 'eu-payments', uid: uidOf('eu-payments') } });
    expect(result).toMatchObject({ outcome: 'refused', code: 'VerdictMismatch' });
    expect(result.reason).toContain('facts.data.classification');
  });

  it('about anything but the creation of an enforced pod is a receipt and no admission', () => {
    const object = { ...chain.facts('pod-1').object, kind: 'Workload' };
    expect(chain.admit('pod-1', { object, pod: null, data: null, cluster: null })).toMatchObject({ outcome: 'allowed', code: 'Allowed' });
    expect(chain.admit('pod-1', { operation: 'UPDATE' })).toMatchObject({ outcome: 'allowed', code: 'Allowed' });
    const elsewhere = { namespace: { name: 'free', labels: {} }, cluster: null, object: { ...chain.facts('pod-1').object, namespace: 'free' } };
    chain.run('operator', 'cluster.put', {
      name: 'eu-cluster',
      uid: uidOf('eu-cluster'),
      generation: 2,
      spec: { ...policySetAt(chain.state, 1)!.clusters[0]!.spec, enforcedNamespaceSelector: { matchLabels: { 'enc.metanode.io/enforced': 'true' } } },
    });
    expect(chain.admit('pod-1', elsewhere)).toMatchObject({ outcome: 'allowed', code: 'Allowed' });
    expect(admission()).toBeUndefined();
  });

  it('is for webhooks alone', () => {
    expect(chain.run('operator', 'admission.verdict', chain.verdict(chain.facts('pod-1')))).toMatchObject({
      outcome: 'refused',
      code: 'NotPermitted',
    });
  });
});

describe('a verdict on a binding', () => {
  const binding = (changes: Partial<AdmissionFacts> = {}) =>
    chain.facts('pod-1', {
      operation: 'BIND',
      object: { ...chain.facts('pod-1').object, kind: 'Binding' },
      binding: { node: 'eu-1', podUid: changes.object?.uid ?? uidOf('pod-1') },
      pod: null,
      data: null,
      ...changes,
    });
  const bind = (changes: Partial<AdmissionFacts> = {}) => submit(chain.verdict(binding(changes)));

  it('allows what was decided, and nothing else', () => {
    expect(bind()).toMatchObject({ outcome: 'refused', code: 'DecisionMismatch' });
    chain.admit('pod-1');
    expect(bind()).toMatchObject({ outcome: 'refused', code: 'DecisionMismatch' });
    chain.place('pod-1');
    expect(bind()).toMatchObject({ outcome: 'allowed', code: 'Allowed', object: { kind: 'Binding', name: 'pod-1' } });
    for (const other of [{ name: 'pod-2' }, { namespace: 'other' }, { specHash: specHashOf('other') }, { uid: 'other' }])
      expect([other, bind({ object: { ...binding().object, ...other } })]).toMatchObject([other, { outcome: 'refused', code: 'DecisionMismatch' }]);
    chain.move('pod-1', 'Failed');
    expect(bind()).toMatchObject({ outcome: 'refused', code: 'DecisionMismatch' });
  });

  it('of another node is refused, however it is dressed up, and a validator that knows better does not acknowledge it', () => {
    chain.admit('pod-1');
    chain.place('pod-1');
    const elsewhere = { binding: { node: 'us-1', podUid: uidOf('pod-1') } };
    const result = bind(elsewhere);
    expect(result).toMatchObject({ outcome: 'refused', code: 'DecisionMismatch' });
    expect(result.reason).toContain('to node "us-1" was allowed, but it was placed on eu-1');
    const raw = chain.sign('webhook', 'admission.verdict', chain.verdict(binding(elsewhere)));
    const context = { genesis: chain.genesis, height: chain.nextHeight, time: chain.nextTime, isKnown: () => false };
    expect(checkTransaction(chain.state, raw, context)).toMatchObject({ code: 'DecisionMismatch' });
    expect(bind({ ...elsewhere, guards: [guard] })).toMatchObject({ outcome: 'refused', code: 'RefusedByGuard' });
  });

  it.each<[string, () => Partial<AdmissionFacts>, string]>([
    ['says not where to', () => ({ binding: undefined }), 'facts.binding is absent'],
    ['speaks of another pod', () => ({ binding: { node: 'eu-1', podUid: uidOf('pod-2') } }), 'facts.binding.podUid'],
    ['is no binding', () => ({ operation: 'UPDATE' }), 'facts.binding is given'],
  ])('that %s is refused', (_name, changes, says) => {
    chain.admit('pod-1');
    chain.place('pod-1');
    const facts = Object.fromEntries(Object.entries(binding(changes())).filter(([, value]) => value !== undefined)) as unknown as AdmissionFacts;
    const result = submit(chain.verdict(facts));
    expect(result).toMatchObject({ outcome: 'refused', code: 'VerdictMismatch' });
    expect(result.reason).toContain(says);
  });

  it('may refuse with a guard', () => {
    chain.admit('pod-1');
    chain.place('pod-1');
    expect(bind({ guards: [guard] })).toMatchObject({ outcome: 'refused', code: 'RefusedByGuard' });
  });
});

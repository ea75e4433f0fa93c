import { beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../policy/evaluate.js';
import { stateKeys, type PolicySetPointer } from '../../types.js';
import { clusterPut, exceptionApproval, exceptionPut, podFacts, policyPut, rulePut, uidOf } from '../testing/samplePayloads.js';
import { TestChain } from '../testing/testChain.js';
import { keyOf, START } from '../testing/testGenesis.js';
import { policySetAt } from './policySet.js';

const DAY = 86_400_000;
const at = (ms: number) => new Date(START + ms).toISOString();
const target = { kind: 'BisoPolicy' as const, name: 'geographic-data-sovereignty', rules: ['eu-data-stays-in-eu'] };
const approvable = () => policyPut('geographic-data-sovereignty', { spec: { ...policyPut().spec, exceptionApproval } });

let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
  chain.run('operator', 'cluster.put', clusterPut());
  chain.run('operator', 'policy.put', approvable());
  chain.run('operator', 'rule.put', rulePut('eu-to-us', { spec: { ...rulePut().spec, light: 'Green', obligations: [], conditions: {}, source: {} } }));
});
const put = (payload: ReturnType<typeof exceptionPut>) => chain.run('operator', 'exception.put', payload);
const set = () => policySetAt(chain.state, chain.record<PolicySetPointer>(stateKeys.currentPolicySet)!.policyHeight)!;
const pinnedToUs = () => podFacts('pod-1', { pod: { ...podFacts().pod!, pinnedRegions: ['US'] }, time: chain.header.timestamp });

describe('a break-glass', () => {
  const HOUR = 3_600_000;
  const approvers = ['bank', 'processor'].map((name) => ({ name, publicKey: keyOf(name).publicKey }));
  const glassed = (changes: object = {}) => ({ ...clusterPut(), spec: { ...clusterPut().spec, breakGlass: { approvers, required: 2, maxMinutes: 120, ...changes } } });
  const glass = (changes: Parameters<typeof exceptionPut>[1] = {}, signers = ['bank', 'processor']) =>
    exceptionPut('fire', { targets: [], breakGlass: { cluster: clusterPut().name }, expiresAt: at(HOUR), ...changes }, signers);
  beforeEach(() => {
    chain = new TestChain();
    chain.run('operator', 'cluster.put', glassed());
    chain.run('operator', 'policy.put', policyPut());
    chain.run('operator', 'rule.put', rulePut('eu-to-us', { spec: { ...rulePut().spec, light: 'Green', obligations: [], conditions: {}, source: {} } }));
  });

  it('opens what no approver of a policy has opened, and its receipt says for whom, why, until when and who signed', () => {
    expect(evaluate(set(), pinnedToUs()).decision).toBe('refuse');
    expect(put(glass())).toMatchObject({
      outcome: 'applied',
      code: 'GlassBroken',
      details: { cluster: clusterPut().name, scope: { namespaces: ['payments'] }, expiresAt: at(HOUR), signedBy: approvers.map(({ publicKey }) => publicKey) },
    });
    expect(evaluate(set(), pinnedToUs())).toMatchObject({ decision: 'allow', exceptions: [{ name: 'fire', breakGlass: true, approvers: ['bank', 'processor'] }], without: { decision: 'refuse' } });
    const { code } = chain.run('webhook', 'admission.verdict', { facts: pinnedToUs(), verdict: evaluate(set(), pinnedToUs()) });
    expect(code).toBe('Admitted');
  });

  it('is over when it ends, on every validator', () => {
    put(glass());
    const later = { ...pinnedToUs(), time: START + HOUR };
    expect(evaluate(set(), later).decision).toBe('refuse');
    expect(evaluate(set(), { ...later, time: START + HOUR - 1 }).decision).toBe('allow');
  });

  const moved = glass();
  it.each<[name: string, payload: ReturnType<typeof exceptionPut>, code: string, says: RegExp]>([
    ['one of two signed', glass({}, ['bank']), 'NotApproved', /asks for 2 signatures of bank, processor/],
    ['nobody signed', glass({}, []), 'NotApproved', /asks for 2 signatures/],
    ['strangers signed', glass({}, ['operator', 'webhook']), 'NotApproved', /asks for 2 signatures/],
    ['lasts longer than the cluster allows', glass({ expiresAt: at(3 * HOUR) }), 'TooLong', /more than 120 minutes ahead/],
    ['is over', glass({ expiresAt: at(-HOUR) }), 'Expired', /is past/],
    ['names no cluster of this chain', glass({ breakGlass: { cluster: 'nope' } }), 'UnknownTarget', /EncCluster nope is not registered/],
    ['was widened after it was signed', { ...moved, spec: { ...moved.spec, scope: { namespaces: ['payments', 'batch'] } } }, 'InvalidSpec', /spec\.approvals\[0\]\.signature/],
    ['was an exception from one rule when it was signed', { ...exceptionPut('fire', { expiresAt: at(HOUR) }, ['bank', 'processor']), spec: { ...exceptionPut('fire', { expiresAt: at(HOUR) }, ['bank', 'processor']).spec, targets: [], breakGlass: { cluster: clusterPut().name } } }, 'InvalidSpec', /signature/],
    ['names targets besides', glass({ targets: [target] }), 'InvalidSpec', /spec\.targets/],
  ])('is refused when it %s', (_name, payload, code, says) => {
    const before = set().policyHeight;
    const result = put(payload);
    expect(result).toMatchObject({ outcome: 'refused', code });
    expect(result.reason).toMatch(says);
    expect(set().policyHeight).toBe(before);
  });

  it.each([
    ['named', () => chain.run('operator', 'cluster.put', { ...glassed({ approvers: [{ name: 'eve', publicKey: keyOf('operator').publicKey }], required: 1 }), generation: 2 })],
    ['asked for less', () => chain.run('operator', 'cluster.put', { ...glassed({ required: 1 }), generation: 2 })],
    ['given more time', () => chain.run('operator', 'cluster.put', { ...glassed({ maxMinutes: 720 }), generation: 2 })],
    ['dropped', () => chain.run('operator', 'cluster.put', { ...clusterPut(), generation: 2 })],
  ])('cannot be had by other approvers: they are not %s after the registration', (_how, change) => {
    expect(change()).toMatchObject({ outcome: 'refused', code: 'Immutable', reason: expect.stringMatching(/spec\.breakGlass/) as string });
  });

  it('cannot be added to a cluster that was registered without', () => {
    chain = new TestChain();
    chain.run('operator', 'cluster.put', clusterPut());
    expect(put(glass())).toMatchObject({ outcome: 'refused', code: 'NotApproved' });
    expect(chain.run('operator', 'cluster.put', { ...glassed(), generation: 2 })).toMatchObject({ outcome: 'refused', code: 'Immutable' });
  });
});

describe('exception.put', () => {
  it('takes one that the policy\'s approver signed, and a verdict then says both', () => {
    expect(evaluate(set(), pinnedToUs()).decision).toBe('refuse');
    expect(put(exceptionPut())).toMatchObject({ outcome: 'applied', code: 'Registered', object: { kind: 'PolicyException', name: 'legacy' } });
    expect(evaluate(set(), pinnedToUs())).toMatchObject({ decision: 'allow', exceptions: [{ name: 'legacy', approvers: ['bank'] }], without: { decision: 'refuse' } });
  });

  const moved = exceptionPut('legacy');
  it.each<[name: string, payload: ReturnType<typeof exceptionPut>, code: string, says: RegExp]>([
    ['nobody signed', exceptionPut('legacy', {}, []), 'NotApproved', /asks for 1 signatures of bank/],
    ['another signed', exceptionPut('legacy', {}, ['processor']), 'NotApproved', /asks for 1 signatures of bank/],
    ['was signed for another name', { ...exceptionPut('other'), name: 'legacy' }, 'InvalidSpec', /spec\.approvals\[0\]\.signature/],
    ['was widened after it was signed', { ...moved, spec: { ...moved.spec, scope: { namespaces: ['payments', 'batch'] } } }, 'InvalidSpec', /spec\.approvals\[0\]\.signature/],
    ['lasts longer than was signed', { ...moved, spec: { ...moved.spec, expiresAt: at(2 * DAY) } }, 'InvalidSpec', /spec\.approvals\[0\]\.signature/],
    ['has expired', exceptionPut('legacy', { expiresAt: at(-DAY) }), 'Expired', /is past/],
    ['lasts for years', exceptionPut('legacy', { expiresAt: at(400 * DAY) }), 'TooLong', /more than 366 days/],
    ['is from a policy that is not there', exceptionPut('legacy', { targets: [{ ...target, name: 'nope' }] }), 'UnknownTarget', /BisoPolicy nope is not in the policy set/],
    ['is from a rule that is not there', exceptionPut('legacy', { targets: [{ ...target, rules: ['nope'] }] }), 'UnknownTarget', /has no rule nope; its rules are eu-data-stays-in-eu/],
    ['is from one policy that allows it and one that is not there', exceptionPut('legacy', { targets: [target, { kind: 'TrafficRule', name: 'nope' }] }), 'UnknownTarget', /targets\[1\]/],
  ])('refuses one that %s', (_name, payload, code, says) => {
    const before = set().policyHeight;
    const result = put(payload);
    expect(result).toMatchObject({ outcome: 'refused', code });
    expect(result.reason).toMatch(says);
    expect(set().policyHeight).toBe(before);
  });

  it('refuses one from a policy that allows none', () => {
    chain.run('operator', 'policy.put', { ...policyPut(), generation: 2 });
    expect(put(exceptionPut())).toMatchObject({ outcome: 'refused', code: 'NotApproved' });
  });

  it('does nothing any more when the policy names other approvers', () => {
    put(exceptionPut());
    chain.run('operator', 'policy.put', { ...policyPut(), generation: 2 });
    expect(evaluate(set(), pinnedToUs()).decision).toBe('refuse');
  });

  it('is taken out again', () => {
    put(exceptionPut());
    expect(chain.run('operator', 'exception.remove', { name: 'legacy', uid: uidOf('legacy') })).toMatchObject({ code: 'Removed' });
    expect(evaluate(set(), pinnedToUs()).decision).toBe('refuse');
  });
});

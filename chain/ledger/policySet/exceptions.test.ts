import { beforeEach, describe, expect, it } from 'vitest';
import { evaluate } from '../../../policy/evaluate.js';
import { stateKeys, type PolicySetPointer } from '../../types.js';
import { clusterPut, exceptionApproval, exceptionPut, podFacts, policyPut, rulePut, uidOf } from '../testing/samplePayloads.js';
import { TestChain } from '../testing/testChain.js';
import { START } from '../testing/testGenesis.js';
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

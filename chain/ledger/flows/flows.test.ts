import { beforeEach, describe, expect, it } from 'vitest';
import { evaluateFlow, type FlowRequest } from '../../../policy/trafficLight/evaluateFlow.js';
import type { Payloads, PolicySetPointer } from '../../types.js';
import { stateKeys } from '../../types.js';
import { policySetAt } from '../policySet/policySet.js';
import { clusterPut, flowRequest, rulePut } from '../testing/samplePayloads.js';
import { TestChain } from '../testing/testChain.js';

let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
  chain.run('operator', 'cluster.put', clusterPut());
});
function decided(changes: Partial<FlowRequest> = {}): Payloads['flow.decision'] {
  const request = flowRequest({ time: chain.nextTime, ...changes });
  const set = policySetAt(chain.state, chain.record<PolicySetPointer>(stateKeys.currentPolicySet)!.policyHeight)!;
  return { request, verdict: evaluateFlow(set, request) };
}
const record = (payload: Payloads['flow.decision'], sender = 'webhook') => chain.run(sender, 'flow.decision', payload);

describe('flow.decision', () => {
  it('is recorded with its inputs, and as often as it is asked', () => {
    expect(record(decided())).toMatchObject({ outcome: 'allowed', code: 'Green', object: { kind: 'Flow', namespace: 'payments' }, details: { light: 'Green', flow: { classification: 'Internal', from: 'EU', to: 'US', live: { encrypted: true, bytesPerSecond: null } } } });
    expect(record(decided())).toMatchObject({ outcome: 'allowed' });
  });

  it('is recorded where it is Red', () => {
    const data = { ...flowRequest().data, classification: 'Restricted' as const };
    expect(record(decided({ data }))).toMatchObject({ outcome: 'refused', code: 'RefusedByPolicy', details: { light: 'Red', violations: [{ name: 'default' }] } });
  });

  it.each<[name: string, change: (payload: Payloads['flow.decision']) => Payloads['flow.decision'], code: string]>([
    ['says another light than its inputs give', (payload) => ({ ...payload, verdict: { ...payload.verdict, light: 'Yellow' } }), 'VerdictMismatch'],
    ['allows what its inputs refuse', ({ request, verdict }) => ({ request: { ...request, data: { ...request.data, classification: 'Restricted' } }, verdict }), 'VerdictMismatch'],
    ['is of another policy height', (payload) => ({ ...payload, verdict: { ...payload.verdict, policyHeight: 99 } }), 'UnknownPolicyHeight'],
    ['is of another time', ({ request, verdict }) => ({ request: { ...request, time: request.time - 120_000 }, verdict }), 'StaleVerdict'],
  ])('is refused when it %s', (_name, change, code) => {
    expect(record(change(decided()))).toMatchObject({ outcome: 'refused', code });
  });

  it('is judged by rules of its day', () => {
    const before = decided();
    chain.run('operator', 'rule.put', rulePut('stop', { spec: { ...rulePut().spec, light: 'Red', obligations: [], priority: 900, conditions: {} } }));
    expect(record(before)).toMatchObject({ outcome: 'allowed' });
    expect(record(decided())).toMatchObject({ outcome: 'refused', details: { violations: [{ name: 'stop' }] } });
  });

  it('comes from accounts of the webhooks\' role only', () => {
    expect(() => record(decided(), 'operator')).not.toThrow();
    expect(record(decided(), 'operator')).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
  });
});

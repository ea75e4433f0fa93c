import { describe, expect, it } from 'vitest';
import { aPolicy, aPolicySet, aRule, aTrafficRule, euOnly, NOON, someFacts } from '../../policy/testing/builders.js';
import type { NodeRecord, SchedulingDecision } from '../../chain/types.js';
import { impactText } from './diffPolicyCommand.js';
import { policyImpact, type Running } from './policyImpact.js';

const nodeIn = (region: string, labels = {}) => ({ name: `${region.toLowerCase()}-1`, region, zone: 'a', labels, operator: 'aa' }) as unknown as NodeRecord;
function running(name: string, region: string, changes: Parameters<typeof someFacts>[0] = {}, state: SchedulingDecision['state'] = 'Running'): Running {
  const facts = someFacts({ object: { kind: 'Pod', namespace: 'payments', name, uid: name, specHash: '' }, ...changes });
  return { admission: { facts, policyHeight: 1, verdictId: '', height: 1 }, decision: { targetNode: `${region.toLowerCase()}-1`, state } as SchedulingDecision, node: nodeIn(region) };
}
const yellow = aTrafficRule('notice', { source: { classifications: ['Internal'] }, destination: { regions: ['US'] }, light: 'Yellow', obligations: [{ type: 'notify', parameters: { to: 'a' } }] });

describe('policyImpact', () => {
  const pods = [running('b-eu', 'EU'), running('a-us', 'US', { data: { classification: 'Internal' } }), running('done', 'US', {}, 'Completed')];
  it('tells who turns Red where it runs, and nobody else', () => {
    const wide = { ...euOnly, spec: { ...euOnly.spec, classifications: ['Internal' as const] } };
    expect(policyImpact(aPolicySet(), aPolicySet({ policies: [wide] }), pods, NOON)).toMatchObject([{ pod: 'payments/a-us', node: 'us-1', before: 'Green', after: 'Red', message: expect.stringContaining('outside EU') as string }]);
  });
  it('tells who turns Yellow, and who turns Green again', () => {
    const [to, from] = [aPolicySet({ rules: [yellow] }), aPolicySet()];
    expect(policyImpact(from, to, pods, NOON)).toMatchObject([{ pod: 'payments/a-us', before: 'Green', after: 'Yellow' }]);
    expect(policyImpact(to, from, pods, NOON)).toMatchObject([{ pod: 'payments/a-us', before: 'Yellow', after: 'Green' }]);
  });
  it('asks rules about nodes of the node it runs on', () => {
    const policy = aPolicy('kyc', { rules: [aRule({ requirement: { expression: 'node.operator == "bb"' } })] });
    expect(policyImpact(aPolicySet(), aPolicySet({ policies: [policy] }), [pods[0]!], NOON)).toMatchObject([{ after: 'Red', message: expect.stringContaining('kyc/rule') as string }]);
  });
  it('judges as of now: what has expired since counts', () => {
    const window = aTrafficRule('day', { source: { classifications: ['Restricted'] }, destination: { regions: ['US'] }, conditions: { timeWindow: { from: '08:00', to: '18:00' } } });
    const pod = running('c', 'US', { data: { destinationRegions: ['US'] } });
    expect(policyImpact(aPolicySet(), aPolicySet({ rules: [window] }), [pod], NOON)).toMatchObject([{ before: 'Red', after: 'Green' }]);
    expect(policyImpact(aPolicySet(), aPolicySet({ rules: [window] }), [pod], NOON + 8 * 3_600_000)).toEqual([]);
  });
  it('is shown as a table, with the reason for Red', () => {
    const impact = policyImpact(aPolicySet(), aPolicySet({ policies: [{ ...euOnly, spec: { ...euOnly.spec, classifications: ['Internal'] } }] }), pods, NOON);
    expect(impactText(impact, 3)).toMatch(/payments\/a-us +- +us-1 +Green +Red\n\nPod payments\/a-us refused by BisoPolicy geographic-data-sovereignty/);
    expect(impactText([], 3)).toBe('no light changes: 3 admitted pods asked');
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aCluster, anAgreement, anException, aPolicy, aPolicySet, aRule, aTrafficRule, euOnly, NOON } from '../testing/builders.js';
import type { Light, LiveFacts, PolicySet } from '../types.js';
import { evaluateFlow, type FlowRequest } from './evaluateFlow.js';

const UNMEASURED: LiveFacts = { encrypted: null, requestsPerSecond: null, bytesPerSecond: null, budget: null, healthy: null };
interface Given {
  data?: Partial<FlowRequest['data']>;
  source?: Partial<FlowRequest['source']>;
  destination?: Partial<FlowRequest['destination']>;
  live?: Partial<LiveFacts>;
}
function aFlow({ data, source, destination, live }: Given = {}): FlowRequest {
  const end = { classification: null, namespace: { name: 'payments', labels: { 'enc.metanode.io/enforced': 'true' } }, labels: {} };
  return {
    decisionId: '00000000-0000-4000-8000-000000000001', time: NOON, requester: 'gateway',
    data: { classification: 'Restricted', operationType: 'Transfer', regulations: [], agreements: [], ...data },
    source: { region: 'EU', ...end, ...source }, destination: { region: 'US', ...end, ...destination },
    live: { ...UNMEASURED, ...live },
  };
}
const toUs = (more: Parameters<typeof aTrafficRule>[1] = {}) => aTrafficRule('to-us', { destination: { regions: ['US'] }, ...more });

describe('evaluateFlow', () => {
  it.each<[name: string, set: Partial<PolicySet>, flow: Given, light: Light, says: RegExp]>([
    ['nothing permits it', {}, {}, 'Red', /no TrafficRule permits Restricted data to leave EU for US/],
    ['a rule permits it', { rules: [toUs()] }, {}, 'Green', /allowed/],
    ['a Yellow rule obliges', { rules: [toUs({ light: 'Yellow', obligations: [{ type: 'rate-limit', parameters: { requestsPerSecond: '5' } }] })] }, {}, 'Yellow', /under rate-limit/],
    ['within a region', {}, { destination: { region: 'EU' } }, 'Green', /allowed/],
    ['an end that is not cleared for the class, within a region', {}, { destination: { region: 'EU', classification: 'Internal' } }, 'Red', /to an end in EU that is cleared for Internal only/],
    ['a sender that is not cleared for what it sends', {}, { source: { classification: 'Public' }, destination: { region: 'EU' } }, 'Red', /from an end in EU that is cleared for Public only/],
    ['an end that is cleared for more', {}, { data: { classification: 'Internal' }, destination: { classification: 'Restricted' } }, 'Green', /allowed/],
    ['a rule about ends of a lower class', { rules: [aTrafficRule('down', { source: { classifications: ['Restricted'] }, destination: { classifications: ['Internal'] }, light: 'Red', priority: 900 }), toUs()] }, { destination: { classification: 'Internal' } }, 'Red', /down/],
    ['a rule that selects the other end', { rules: [toUs({ destination: { regions: ['US'], podSelector: { matchLabels: { app: 'ledger' } } } })] }, { destination: { labels: { app: 'ledger' } } }, 'Green', /allowed/],
    ['a rule that selects another end', { rules: [toUs({ destination: { regions: ['US'], podSelector: { matchLabels: { app: 'ledger' } } } })] }, { destination: { labels: { app: 'shop' } } }, 'Red', /no TrafficRule/],
    ['a rate that is low enough', { rules: [toUs({ conditions: { maxRequestsPerSecond: 10 } })] }, { live: { requestsPerSecond: 10 } }, 'Green', /allowed/],
    ['a rate that is too high', { rules: [toUs({ conditions: { maxRequestsPerSecond: 10 } })] }, { live: { requestsPerSecond: 11 } }, 'Red', /no TrafficRule/],
    ['a rate that nobody measured', { rules: [toUs({ conditions: { maxRequestsPerSecond: 10 } })] }, {}, 'Red', /no TrafficRule/],
    ['a budget that is spent', { rules: [toUs({ conditions: { minimumBudget: '1 BPI' } })] }, { live: { budget: 999_999 } }, 'Red', /no TrafficRule/],
    ['a budget that is left', { rules: [toUs({ conditions: { minimumBudget: '1 BPI' } })] }, { live: { budget: 1_000_000 } }, 'Green', /allowed/],
    ['a Red rule about the sick, and nobody knows', { rules: [toUs({ light: 'Red', priority: 900, conditions: { healthy: false } }), aTrafficRule('all')] }, {}, 'Red', /to-us/],
    ['a Red rule about the sick, and it is well', { rules: [toUs({ light: 'Red', priority: 900, conditions: { healthy: false } }), aTrafficRule('all')] }, { live: { healthy: true } }, 'Green', /allowed/],
    ['an expression over what was measured', { rules: [toUs({ conditions: { expression: 'flow.encrypted && flow.requestsPerSecond < 5 && flow.destinationClassification == "Restricted"' } })] }, { live: { encrypted: true, requestsPerSecond: 4 } }, 'Green', /allowed/],
    ['an expression over what was not measured', { rules: [toUs({ conditions: { expression: 'flow.requestsPerSecond < 5' } })] }, {}, 'Red', /no TrafficRule/],
    ['a policy on regions', { policies: [euOnly], rules: [toUs()] }, {}, 'Red', /geographic-data-sovereignty/],
    ['a policy that asks what only a pod has', { policies: [aPolicy('limits', { rules: [aRule({ requirement: { expression: 'pod.serviceAccount != ""' } })] })], rules: [toUs()] }, {}, 'Green', /allowed/],
    ['a policy on encryption, and it is encrypted', { policies: [aPolicy('enc', { rules: [aRule({ requirement: { expression: '"enc.metanode.io/encryption-in-transit" in pod.labels' } })] })], rules: [toUs()] }, { live: { encrypted: true } }, 'Green', /allowed/],
    ['a policy on encryption, and nobody knows', { policies: [aPolicy('enc', { rules: [aRule({ requirement: { expression: '"enc.metanode.io/encryption-in-transit" in pod.labels' } })] })], rules: [toUs()] }, {}, 'Red', /enc\/rule/],
    ['a cluster that asks for an agreement', { clusters: [aCluster('eu-cluster', true)], rules: [toUs()] }, {}, 'Red', /requireAgreement/],
    ['an agreement that covers it', { clusters: [aCluster('eu-cluster', true)], agreements: [anAgreement('pay', { regions: ['EU', 'US'] })], rules: [toUs()] }, { data: { agreements: ['pay'] } }, 'Green', /allowed/],
    ['an exception of the sender\'s namespace', { policies: [{ ...euOnly, spec: { ...euOnly.spec, exceptionApproval: { approvers: [{ name: 'dpo', publicKey: 'aa' }], required: 1 } } }], rules: [toUs()], exceptions: [anException('e')] }, {}, 'Green', /allowed/],
  ])('%s', (_name, set, flow, light, says) => {
    const verdict = evaluateFlow(aPolicySet(set), aFlow(flow));
    expect([verdict.light, verdict.decision]).toEqual([light, light === 'Red' ? 'refuse' : 'allow']);
    expect(verdict.message).toMatch(says);
  });

  it('is never opened by leaving a measurement out: then it is Red, or what was measured did not matter', () => {
    const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
    const live = fc.record({ encrypted: nullable(fc.boolean()), requestsPerSecond: nullable(fc.nat(20)), bytesPerSecond: nullable(fc.nat(20)), budget: nullable(fc.nat(2_000_000)), healthy: nullable(fc.boolean()) });
    const conditions = fc.record({ encrypted: fc.boolean(), healthy: fc.boolean(), maxRequestsPerSecond: fc.integer({ min: 1, max: 20 }), maxBytesPerSecond: fc.integer({ min: 1, max: 20 }), minimumBudget: fc.constant('1 BPI') }, { requiredKeys: [] });
    const rules = fc.array(fc.record({ light: fc.constantFrom<Light>('Green', 'Red'), priority: fc.nat(2), conditions }), { maxLength: 4 }).map((list) => list.map((spec, i) => aTrafficRule(`r${i}`, spec)));
    fc.assert(
      fc.property(rules, live, fc.constantFrom<keyof LiveFacts>('encrypted', 'requestsPerSecond', 'bytesPerSecond', 'budget', 'healthy'), (ofSet, measured, left) => {
        const lights = (facts: LiveFacts) => evaluateFlow(aPolicySet({ rules: ofSet }), aFlow({ live: facts })).light;
        const known = lights(measured);
        fc.pre(known === 'Red');
        expect(lights({ ...measured, [left]: null })).toBe('Red');
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluate } from './evaluate.js';
import { aCluster, anAgreement, aPolicy, aPolicySet, aRule, aTrafficRule, euOnly, NOON, someFacts } from './testing/builders.js';
import type { Light, PolicySet } from './types.js';

const yellow = aTrafficRule('eu-to-us', { source: { regions: ['EU'] }, destination: { regions: ['US'] }, light: 'Yellow', obligations: [{ type: 'encrypt', parameters: { algorithm: 'x' } }] });

const paid = anAgreement('pay');
const ofBank = { ...paid, spec: { ...paid.spec, parties: [{ name: 'bank', role: 'controller', publicKey: '' }] } };

describe('evaluate', () => {
  const cases: { name: string; set: Partial<PolicySet>; facts: Parameters<typeof someFacts>[0]; decision: 'allow' | 'refuse'; light: Light; says: RegExp }[] = [
    { name: 'nothing in force allows what stays in its region', set: {}, facts: {}, decision: 'allow', light: 'Green', says: /allowed, Green/ },
    { name: 'a region policy names policy, rule, clause, regulation and cure', set: { policies: [euOnly] }, facts: { pod: { pinnedRegions: ['US'] } }, decision: 'refuse', light: 'Red', says: /geographic-data-sovereignty\/eu-data-stays-in-eu: .*US.*\[GDPR Art\. 44: "Transfers only under Chapter V\."\]; to cure it, use EU nodes/ },
    { name: 'a destination outside the required regions is refused', set: { policies: [euOnly] }, facts: { data: { destinationRegions: ['APAC'] } }, decision: 'refuse', light: 'Red', says: /sent to APAC/ },
    { name: 'a policy of other classes does not concern the data', set: { policies: [euOnly] }, facts: { data: { classification: 'Internal', destinationRegions: ['US'] } }, decision: 'allow', light: 'Green', says: /Green/ },
    { name: 'Restricted data leaves its region only by a rule', set: {}, facts: { data: { destinationRegions: ['US'] } }, decision: 'refuse', light: 'Red', says: /no TrafficRule permits Restricted data to leave EU for US/ },
    { name: 'a Yellow rule allows under its obligations', set: { rules: [yellow] }, facts: { data: { destinationRegions: ['US'] } }, decision: 'allow', light: 'Yellow', says: /Yellow under encrypt \(eu-to-us\)/ },
    { name: 'a guard refuses whatever the policies say', set: { rules: [yellow] }, facts: { guards: [{ kind: 'Guard', name: 'NodeNamePreset', rule: '', clause: '', regulation: '', message: 'preset', cure: 'leave it out', action: 'reject_workload' }] }, decision: 'refuse', light: 'Red', says: /NodeNamePreset: preset; to cure it, leave it out/ },
    { name: 'an audit policy only warns', set: { policies: [aPolicy('watch', { violationAction: 'audit', rules: [aRule({ requirement: { regions: ['US'] } })] })] }, facts: { pod: { pinnedRegions: ['EU'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'an expression that holds', set: { policies: [aPolicy('size', { rules: [aRule({ requirement: { expression: 'pod.cpuMillis <= 4000 && data.classification == "Restricted"' } })] })] }, facts: {}, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'an expression that does not hold', set: { policies: [aPolicy('size', { rules: [aRule({ requirement: { expression: 'pod.cpuMillis <= 50' } })] })] }, facts: {}, decision: 'refuse', light: 'Red', says: /size\/rule: pod\.cpuMillis <= 50 does not hold/ },
    { name: 'an expression that cannot be evaluated refuses', set: { policies: [aPolicy('label', { violationAction: 'audit', rules: [aRule({ requirement: { expression: 'pod.labels["team"] == "a"' } })] })] }, facts: {}, decision: 'refuse', light: 'Red', says: /cannot be evaluated/ },
    { name: 'an expression that does not compile refuses', set: { policies: [aPolicy('broken', { rules: [aRule({ requirement: { expression: 'pod.cpu <' } })] })] }, facts: {}, decision: 'refuse', light: 'Red', says: /does not compile/ },
    { name: 'no agreement where the cluster asks for one', set: { clusters: [aCluster('eu-cluster', true)] }, facts: {}, decision: 'refuse', light: 'Red', says: /requireAgreement: .*only under an agreement/ },
    { name: 'an agreement in force', set: { agreements: [anAgreement('pay')] }, facts: { data: { agreements: ['pay'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'an agreement of the namespace\'s party, where the cluster asks for one', set: { clusters: [aCluster('eu-cluster', true)], agreements: [ofBank] }, facts: { namespace: { name: 'payments', labels: { 'enc.metanode.io/party': 'bank' } }, data: { agreements: ['pay'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'an agreement for a namespace that does not say whose it is, where the cluster asks for one', set: { clusters: [aCluster('eu-cluster', true)], agreements: [ofBank] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /requireAgreement: .*namespace payments does not say whose data it holds.*label the namespace enc\.metanode\.io\/party/ },
    { name: 'an agreement that ended', set: { agreements: [anAgreement('pay', { validUntil: '2026-06-01T12:00:00Z' })] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /not in force: it ended at 2026-06-01/ },
    { name: 'an agreement that begins later', set: { agreements: [anAgreement('pay', { validFrom: '2026-06-01T12:00:00.001Z' })] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /it begins at/ },
    { name: 'a terminated agreement', set: { agreements: [anAgreement('pay', {}, 'Terminated')] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /it is Terminated/ },
    { name: 'an unknown agreement', set: {}, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /pay is not on the ledger/ },
    { name: 'an agreement for other classes', set: { agreements: [anAgreement('pay', { classifications: ['Public'] })] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /does not cover class Restricted/ },
    { name: 'a requirement of an agreement', set: { policies: [aPolicy('need', { rules: [aRule({ requirement: { agreementInForce: true } })] })] }, facts: {}, decision: 'refuse', light: 'Red', says: /no agreement in force covers/ },
    { name: 'policies that leave no region', set: { policies: [euOnly, aPolicy('us', { rules: [aRule({ requirement: { regions: ['US'] } })] })] }, facts: {}, decision: 'refuse', light: 'Red', says: /leave no region/ },
    { name: 'no cluster enforces the namespace: nothing is asked', set: { policies: [euOnly] }, facts: { cluster: null, pod: { pinnedRegions: ['US'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'a Green rule for one region does not let data go everywhere', set: { rules: [aTrafficRule('eu', { source: { regions: ['EU'] }, destination: { regions: ['EU'] } })] }, facts: { data: { destinationRegions: ['Global'] } }, decision: 'refuse', light: 'Red', says: /no TrafficRule permits Restricted data to leave EU for US/ },
    { name: 'a Green rule for all regions does', set: { rules: [aTrafficRule('all')] }, facts: { data: { destinationRegions: ['Global'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'a Yellow rule for one region obliges what goes everywhere', set: { rules: [yellow] }, facts: { data: { classification: 'Internal', destinationRegions: ['Global'] } }, decision: 'allow', light: 'Yellow', says: /Yellow under encrypt/ },
    { name: 'a Green rule of one region does not speak for data of all', set: { rules: [aTrafficRule('eu', { source: { regions: ['EU'] } })] }, facts: { data: { sourceRegion: 'Global', destinationRegions: ['US'] } }, decision: 'refuse', light: 'Red', says: /Restricted data to leave APAC for US/ },
    { name: 'a policy on a destination concerns data that goes everywhere', set: { policies: [aPolicy('encrypted', { rules: [aRule({ match: { destinationRegions: ['US'] }, requirement: { expression: '"secure" in pod.labels' } })] })] }, facts: { data: { classification: 'Public', destinationRegions: ['Global'] } }, decision: 'refuse', light: 'Red', says: /encrypted\/rule/ },
    { name: 'a policy of one region concerns data of all', set: { policies: [euOnly] }, facts: { data: { sourceRegion: 'Global', destinationRegions: [] }, pod: { pinnedRegions: ['EU'] } }, decision: 'refuse', light: 'Red', says: /leave US for EU/ },
    { name: 'a flow rule that selects pods at the other end says nothing of a declared flow', set: { rules: [aTrafficRule('r', { destination: { podSelector: { matchLabels: { app: 'x' } } } })] }, facts: { data: { destinationRegions: ['US'] } }, decision: 'refuse', light: 'Red', says: /no TrafficRule permits/ },
    { name: 'an empty selector selects all', set: { rules: [aTrafficRule('r', { destination: { podSelector: {} } })] }, facts: { data: { destinationRegions: ['US'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'a flow rule that cannot be evaluated is Red', set: { rules: [aTrafficRule('r', { conditions: { expression: 'pod.labels["team"] == "a"' } })] }, facts: { data: { destinationRegions: ['US'] } }, decision: 'refuse', light: 'Red', says: /rule r cannot be evaluated/ },
    { name: 'an expression on the node is asked at placement', set: { policies: [aPolicy('p', { rules: [aRule({ requirement: { expression: 'node.region == "US"' } })] })] }, facts: {}, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'an expression on the node of a pinned pod is asked at once', set: { policies: [aPolicy('p', { rules: [aRule({ requirement: { expression: 'node.region == "US"' } })] })] }, facts: { pod: { pinnedRegions: ['EU'] } }, decision: 'refuse', light: 'Red', says: /node\.region == "US" does not hold/ },
    { name: 'an expression on an agreement that holds', set: { agreements: [anAgreement('pay')], policies: [aPolicy('p', { rules: [aRule({ requirement: { expression: 'agreements.exists(a, a.jurisdiction == "US-DE")' } })] })] }, facts: { data: { agreements: ['pay'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'an expression on agreements that sees only those in force', set: { agreements: [anAgreement('pay', {}, 'Breached')], policies: [aPolicy('p', { violationAction: 'reject_workload', rules: [aRule({ requirement: { expression: 'agreements.exists(a, a.jurisdiction == "US-DE")' } })] })] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /p\/rule: agreements\.exists/ },
    { name: 'an agreement without the party whose namespace it is', set: { agreements: [anAgreement('pay')] }, facts: { namespace: { name: 'payments', labels: { 'enc.metanode.io/party': 'broker' } }, data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /does not cover party broker/ },
    { name: 'a rule about nodes is asked at placement', set: { policies: [aPolicy('p', { rules: [aRule({ match: { nodeSelector: {} }, requirement: { expression: 'false' } })] })] }, facts: { pod: { pinnedRegions: ['EU'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'a rule on live conditions that a pod which does not run yet meets', set: { rules: [aTrafficRule('r', { conditions: { maxRequestsPerSecond: 5, healthy: true, minimumBudget: '1 BPI' } })] }, facts: { data: { destinationRegions: ['US'] } }, decision: 'allow', light: 'Green', says: /allowed/ },
    { name: 'one agreement that covers the data is enough', set: { agreements: [anAgreement('pay'), anAgreement('ads', { classifications: ['Public'] })] }, facts: { data: { agreements: ['ads', 'pay'] } }, decision: 'allow', light: 'Green', says: /to be placed in EU$/ },
    { name: 'agreement and policy that have no region in common', set: { agreements: [anAgreement('pay', { regions: ['EU'] })], policies: [aPolicy('us', { rules: [aRule({ requirement: { regions: ['US'] } })] })] }, facts: { data: { agreements: ['pay'] } }, decision: 'refuse', light: 'Red', says: /us, pay: .*leave no region/ },
  ];
  it.each(cases)('$name', ({ set, facts, decision, light, says }) => {
    const verdict = evaluate(aPolicySet(set), someFacts(facts));
    expect(verdict).toMatchObject({ decision, light, policyHeight: 7 });
    expect(verdict.message).toMatch(says);
  });

  it('names violated regions before what else is violated', () => {
    const earlier = aPolicy('a-label', { rules: [aRule({ requirement: { expression: '"team" in pod.labels' } })] });
    const verdict = evaluate(aPolicySet({ policies: [earlier, euOnly] }), someFacts({ data: { destinationRegions: ['US'] } }));
    expect(verdict.violations.map(({ name }) => name)).toEqual(['geographic-data-sovereignty', 'a-label', 'default']);
  });

  it('narrows the regions of an unpinned pod', () => {
    expect(evaluate(aPolicySet({ policies: [euOnly] }), someFacts()).allowedRegions).toEqual(['EU']);
  });

  it('fills in defaults that a spec lacks', () => {
    const bare = { ...aPolicy('p'), spec: { enforcement: 'runtime', violationAction: 'audit', rules: [{ name: 'r', requirement: { regions: ['EU'] }, clause: { text: 'c' } }] } } as unknown as ReturnType<typeof aPolicy>;
    expect(evaluate(aPolicySet({ policies: [bare] }), someFacts({ pod: { pinnedRegions: ['EU'] } })).evaluated[0]).toMatchObject({ name: 'p', rule: 'r', outcome: 'pass' });
  });

  it('stays small when 500 policies match, and still tells what was not met', () => {
    const policies = Array.from({ length: 500 }, (_, i) => aPolicy(`policy-${String(i).padStart(3, '0')}`, { rules: [aRule({ requirement: { expression: i % 250 === 249 ? 'false' : 'pod.cpuMillis < 100000' } })] }));
    const verdict = evaluate(aPolicySet({ policies, rules: Array.from({ length: 20 }, (_, i) => aTrafficRule(`r${i}`)) }), someFacts());
    expect(verdict.violations.map(({ name }) => name)).toEqual(['policy-249', 'policy-499']);
    expect(verdict.evaluated.slice(0, 2).map(({ name, outcome }) => [name, outcome])).toEqual([['policy-249', 'violation'], ['policy-499', 'violation']]);
    expect(verdict.evaluated.slice(-2).map(({ reason }) => reason)).toEqual(['more that are met: 468', 'rules that do not concern this request: 20']);
    expect(JSON.stringify(verdict).length).toBeLessThan(8_192);
  });

  it('counts what is not met beyond a list', () => {
    const policies = Array.from({ length: 100 }, (_, i) => aPolicy(`policy-${i}`, { rules: [aRule({ requirement: { regions: ['US'] } })] }));
    const { violations, evaluated, message } = evaluate(aPolicySet({ policies }), someFacts({ pod: { pinnedRegions: ['EU'] } }));
    expect(violations).toHaveLength(32);
    expect(evaluated.at(-1)).toMatchObject({ outcome: 'violation', reason: 'more that are not met: 68' });
    expect(message).toMatch(/and 97 more$/);
  });

  it('warns of every obligation and of audit violations', () => {
    const set = aPolicySet({ rules: [yellow], policies: [aPolicy('watch', { violationAction: 'audit', rules: [aRule({ requirement: { expression: 'false' } })] })] });
    expect(evaluate(set, someFacts({ data: { destinationRegions: ['US'] } })).warnings).toEqual([expect.stringMatching(/^audit: BisoPolicy watch\/rule/), 'Yellow, rule eu-to-us: encrypt algorithm=x']);
  });
});

describe('precedence of TrafficRules', () => {
  const to = (destination: string) => someFacts({ data: { destinationRegions: [destination] } });
  const light = (rules: PolicySet['rules']) => evaluate(aPolicySet({ rules }), to('US')).light;
  it('takes the higher priority', () => expect(light([aTrafficRule('a', { light: 'Red', priority: 1 }), aTrafficRule('b', { light: 'Green', priority: 2 })])).toBe('Green'));
  it('takes Red before Green at equal priority', () => expect(light([aTrafficRule('a', { light: 'Green' }), aTrafficRule('b', { light: 'Red' })])).toBe('Red'));
  it.each([
    ['22:00', '06:00', 23, true], ['22:00', '06:00', 5, true], ['22:00', '06:00', 6, false], ['08:00', '18:00', 12, true], ['08:00', '12:00', 12, false],
  ])('a window from %s to %s at %i h', (from, to_, hour, inside) => {
    const rules = [aTrafficRule('a', { light: 'Green', conditions: { timeWindow: { from, to: to_ } } })];
    const verdict = evaluate(aPolicySet({ rules }), { ...to('US'), time: NOON + (hour - 12) * 3_600_000 });
    expect(verdict.light).toBe(inside ? 'Green' : 'Red');
  });
  it('holds a rule to its encryption condition', () => {
    const rules = [aTrafficRule('a', { light: 'Green', conditions: { encrypted: true } })];
    const with_ = (labels: Record<string, string>) => evaluate(aPolicySet({ rules }), someFacts({ data: { destinationRegions: ['US'] }, pod: { labels } })).light;
    expect([with_({}), with_({ 'enc.metanode.io/encryption-in-transit': 'required' })]).toEqual(['Red', 'Green']);
  });
});

const arbitraryLight = fc.constantFrom<Light>('Green', 'Yellow', 'Red');
const region = fc.constantFrom<'EU' | 'US' | 'APAC' | 'Global'>('EU', 'US', 'APAC', 'Global');
const arbitraryRules = fc.uniqueArray(
  fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), priority: fc.integer({ min: 0, max: 3 }), light: arbitraryLight, from: fc.array(region, { maxLength: 2 }), to: fc.array(region, { maxLength: 2 }) }),
  { maxLength: 8, selector: ({ name }) => name },
).map((rules) => rules.map(({ name, priority, light, from, to }) => aTrafficRule(name, { priority, light, source: { regions: from }, destination: { regions: to } })));
const arbitraryPolicies = fc.uniqueArray(fc.record({ name: fc.stringMatching(/^[a-z]{1,6}$/), regions: fc.array(region, { maxLength: 2 }), require: fc.array(region, { maxLength: 3 }) }), { maxLength: 6, selector: ({ name }) => name })
  .map((policies) => policies.map(({ name, regions, require }) => aPolicy(name, { regions, rules: [aRule({ requirement: { regions: require } })] })));
const arbitraryFacts = fc.record({ sourceRegion: region, destinationRegions: fc.uniqueArray(region), pinned: fc.option(region) })
  .map(({ sourceRegion, destinationRegions, pinned }) => someFacts({ data: { sourceRegion, destinationRegions }, pod: { pinnedRegions: pinned === null ? null : [pinned] } }));

describe('properties of verdicts', () => {
  it('do not depend on the order of policies and rules', () => {
    fc.assert(fc.property(arbitraryRules, arbitraryPolicies, arbitraryFacts, (rules, policies, facts) => {
      const there = evaluate(aPolicySet({ rules, policies }), facts);
      const back = evaluate(aPolicySet({ rules: rules.toReversed(), policies: policies.toReversed() }), facts);
      expect(back).toEqual(there);
    }));
  });
  it('never turn from Red to Green by one more Red rule', () => {
    fc.assert(fc.property(arbitraryRules, arbitraryFacts, fc.integer({ min: 0, max: 4 }), fc.array(region, { maxLength: 2 }), (rules, facts, priority, regions) => {
      fc.pre(evaluate(aPolicySet({ rules }), facts).light === 'Red');
      const more = [...rules, aTrafficRule('zz-more', { light: 'Red', priority, destination: { regions } })];
      expect(evaluate(aPolicySet({ rules: more }), facts).light).toBe('Red');
    }));
  });
  it('are the same every time', () => {
    fc.assert(fc.property(arbitraryRules, arbitraryPolicies, arbitraryFacts, (rules, policies, facts) => {
      expect(evaluate(aPolicySet({ rules, policies }), structuredClone(facts))).toEqual(evaluate(structuredClone(aPolicySet({ rules, policies })), facts));
    }));
  });
});

// The five kinds at apply: what their meaning forbids is refused where it is written, and what must stay in force stays.
import { describe, expect, it } from 'vitest';
import type { TrafficRuleSpec } from '../../api/index.js';
import { evaluate } from '../../policy/evaluate.js';
import type { AdmissionRequest } from '../admission/review.js';
import { clusterSpec, policySet, resourceRequest, sovereigntySpec, testContext, yellowSpec } from '../testing/samples.js';
import { checkResource, checkStatus, warnOfMeaning } from './resource.js';

const rule = sovereigntySpec.rules[0]!;
const withRequirement = (requirement: object) => ({ ...sovereigntySpec, rules: [{ ...rule, requirement }] });
const yellow = yellowSpec as TrafficRuleSpec & { light: 'Yellow' };
const workload = (changes: object = {}) => ({
  clusterRef: 'eu-cluster',
  kind: 'Deployment',
  replicas: 1,
  dataClassification: 'Restricted',
  dataRegion: 'EU',
  destinationRegions: ['EU'],
  operationType: 'Process',
  agreementRefs: ['payments-agreement'],
  template: {
    metadata: { labels: { app: 'a' } },
    spec: { containers: [{ name: 'a', image: 'i' }], nodeSelector: { 'topology.kubernetes.io/region': 'EU' } },
  },
  ...changes,
});
const agreement = (changes: object = {}) => ({
  agreementId: 'payments',
  version: '1.0',
  parties: ['bank', 'shop'].map((name, i) => ({ name, role: 'controller', publicKey: `${i}a`.repeat(32) })),
  terms: {
    purpose: 'payments',
    classifications: ['Internal'],
    regions: ['EU'],
    regulations: ['GDPR'],
    validFrom: '2025-01-01T00:00:00Z',
    validUntil: '2035-01-01T00:00:00Z',
    requiredPolicies: [],
  },
  jurisdiction: 'US-DE',
  courtId: 'delaware',
  enforcementRules: [],
  signatures: [],
  ...changes,
});
const asked = async (request: AdmissionRequest, context = testContext()) => {
  const facts = await checkResource(request, context);
  return facts && evaluate(context.client.policySet(), facts);
};

describe('checkResource', () => {
  it.each<[string, string, object]>([
    ['EncCluster', 'an EncCluster', clusterSpec],
    ['BisoPolicy', 'a BisoPolicy', sovereigntySpec],
    ['TrafficRule', 'a TrafficRule', yellowSpec],
    ['Agreement', 'an unsigned Agreement, which stays a draft', agreement()],
    ['Workload', 'a Workload', workload()],
  ])('%s: allows %s', async (kind, _name, spec) =>
    expect(await asked(resourceRequest(kind, spec))).toMatchObject({ decision: 'allow', violations: [] }),
  );

  it.each<[string, string, object, RegExp]>([
    [
      'BisoPolicy',
      'an expression that does not compile',
      withRequirement({ expression: 'pod.cpuMillis <=' }),
      /spec\.rules\[0\]\.requirement\.expression: "pod\.cpuMillis <=".* at character \d+.*write a CEL expression/,
    ],
    ['BisoPolicy', 'a requirement that demands nothing', withRequirement({}), /spec\.rules\[0\]\.requirement.*demands nothing/],
    [
      'BisoPolicy',
      'a rule that never matches',
      { ...sovereigntySpec, rules: [{ ...rule, match: { classifications: ['Public'] } }] },
      /match\.classifications.*never matches/,
    ],
    [
      'TrafficRule',
      'an empty time window',
      { ...yellow, conditions: { timeWindow: { from: '10:00', to: '10:00' } } },
      /spec\.conditions\.timeWindow/,
    ],
    [
      'Agreement',
      'a forged signature',
      agreement({ signatures: [{ party: 'bank', signature: 'ab'.repeat(64) }] }),
      /spec\.signatures\[0\]\.signature.*is not bank's signature/,
    ],
    [
      'Agreement',
      'terms that end before they begin',
      agreement({ terms: { ...agreement().terms, validUntil: '2020-01-01T00:00:00Z' } }),
      /spec\.terms\.validUntil.*not after/,
    ],
    ['Workload', 'an unknown cluster', workload({ clusterRef: 'mars' }), /EncCluster "mars", which is not registered/],
    [
      'Workload',
      'a US node for data that stays in the EU',
      workload({ template: { spec: { containers: [{ name: 'a', image: 'i' }], nodeSelector: { 'topology.kubernetes.io/region': 'US' } } } }),
      /BisoPolicy sovereignty\/stays.*GDPR Art\. 44/,
    ],
    ['Workload', 'an agreement that is not on the ledger', workload({ agreementRefs: ['none'] }), /agreement none is not on the ledger/],
  ])('%s: refuses %s', async (kind, _name, spec, message) => {
    expect(await asked(resourceRequest(kind, spec))).toMatchObject({ decision: 'refuse', message: expect.stringMatching(message) as string });
  });

  it('refuses a Workload in a namespace that nobody enforces', async () => {
    expect(await asked(resourceRequest('Workload', workload(), { namespace: 'free' }))).toMatchObject({
      decision: 'refuse',
      message: expect.stringContaining('NamespaceNotEnforced') as string,
    });
  });

  describe('a policy that an agreement in force requires', () => {
    const request = (operation: 'UPDATE' | 'DELETE', spec: object | null, name = 'sovereignty') => {
      const { object } = resourceRequest('BisoPolicy', sovereigntySpec, { name });
      return resourceRequest('BisoPolicy', spec, { name, operation, oldObject: object });
    };
    const ended = () => {
      const context = testContext();
      context.client.policies = policySet({ agreements: policySet().agreements.map((one) => ({ ...one, state: 'Terminated' as const })) });
      return context;
    };

    it.each([
      ['is not deleted', request('DELETE', null)],
      ['is not changed', request('UPDATE', withRequirement({ regions: ['EU', 'US'] }))],
    ])('%s', async (_name, asking) => {
      expect(await asked(asking)).toMatchObject({
        decision: 'refuse',
        message: expect.stringMatching(/RequiredByAgreement.*payments-agreement/) as string,
      });
      expect((await asked(asking, ended()))?.decision ?? 'not asked').not.toBe('refuse');
    });

    it('may have other labels; others may be deleted', async () => {
      expect(await asked(request('UPDATE', sovereigntySpec))).toBeNull();
      expect(await asked(request('DELETE', null, 'another'))).toBeNull();
    });
  });
});

describe('checkStatus', () => {
  const request = (user: string) => resourceRequest('Workload', workload(), { operation: 'UPDATE', subResource: 'status', user });
  it('is for the operator alone', async () => {
    expect(await checkStatus(request('operator'), testContext())).toBeNull();
    expect((await checkStatus(request('mallory'), testContext()))!.guards).toMatchObject([
      { name: 'StatusEditedByHand', message: expect.stringContaining('mallory') as string },
    ]);
  });
});

describe('warnOfMeaning', () => {
  const warn = (kind: string, spec: object, name = 'new') => warnOfMeaning(resourceRequest(kind, spec, { name }), testContext());
  const { obligations: _, ...plain } = yellow;

  it.each<[string, object, RegExp[]]>([
    [
      'a Red rule for the same flow',
      { ...plain, light: 'Red' },
      [/overlaps TrafficRule eu-to-us \(Yellow\), e\.g\. Process of Internal data EU → US: new \(Red\) decides/],
    ],
    ['a Red rule of lower priority', { ...plain, light: 'Red', priority: 1 }, [/is never asked/, /eu-to-us \(Yellow\) decides/]],
    ['the same light', yellow, []],
    ['another class', { ...plain, light: 'Red', source: { regions: ['EU'], classifications: ['Public'] } }, []],
    ['another region', { ...plain, light: 'Red', destination: { regions: ['APAC'] } }, []],
  ])('TrafficRule: %s', (_name, spec, expected) =>
    expect(warn('TrafficRule', spec)).toEqual(expected.map((part) => expect.stringMatching(part) as string)),
  );

  it.each<[string, object, RegExp[]]>([
    [
      'a policy that leaves no region',
      withRequirement({ regions: ['US'] }),
      [/rule stays demands US and BisoPolicy sovereignty\/stays demands EU: e\.g\. Process of Restricted data EU/],
    ],
    ['a policy that narrows', withRequirement({ regions: ['EU', 'US'] }), []],
    ['a policy of another class', { ...withRequirement({ regions: ['US'] }), classifications: ['Public'] }, []],
    ['a policy that only audits', { ...withRequirement({ regions: ['US'] }), violationAction: 'audit' }, []],
  ])('BisoPolicy: %s', (_name, spec, expected) =>
    expect(warn('BisoPolicy', spec)).toEqual(expected.map((part) => expect.stringMatching(part) as string)),
  );

  it('does not warn of the policy’s own earlier version', () =>
    expect(warn('BisoPolicy', withRequirement({ regions: ['US'] }), 'sovereignty')).toEqual([]));
  it('has nothing to say of other kinds', () => expect(warn('EncCluster', clusterSpec)).toEqual([]));
});

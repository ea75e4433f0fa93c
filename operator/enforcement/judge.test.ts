// What policy calls for of a pod that runs: another node cures what is about the place, ending its flows cures the rest.
import { describe, expect, it } from 'vitest';
import type { AdmissionFacts, PolicySet } from '../../policy/types.js';
import { anAgreement, aPolicySet, euOnly, NOON, someFacts } from '../../policy/testing/builders.js';
import { concernedBy } from './affected.js';
import { judge } from './judge.js';

const policySet = (changes: Partial<PolicySet> = {}) => aPolicySet({ agreements: [anAgreement('payments-agreement')], policies: [euOnly], ...changes });
const facts = ({ data, pinned }: { data?: Partial<NonNullable<AdmissionFacts['data']>>; pinned?: string[] } = {}): AdmissionFacts =>
  someFacts({ data: data ?? {}, pod: { pinnedRegions: pinned ?? null } });
const under = (agreement: object): PolicySet => {
  const set = policySet();
  return { ...set, agreements: set.agreements.map((one) => ({ ...one, ...agreement })) };
};
const ended = (action?: string) => {
  const { spec } = policySet().agreements[0]!;
  return under({ state: 'Terminated', spec: { ...spec, enforcementRules: action ? [{ violation: 'agreement_terminated', action }] : [] } });
};
const withAgreement = facts({ data: { agreements: ['payments-agreement'] } });
const withPolicy = (changes: object): PolicySet => policySet({ policies: [{ ...euOnly, generation: 2, spec: { ...euOnly.spec, ...changes } }] });

describe('judge', () => {
  it.each<[string, PolicySet, AdmissionFacts, string, string]>([
    ['a pod where its data may be', policySet(), facts(), 'EU', 'none'],
    ['a pod on a node outside', policySet(), facts(), 'US', 'migrate'],
    ['a pod whose own selector keeps it outside', policySet(), facts({ pinned: ['US'] }), 'US', 'cut'],
    ['a pod that sends its data outside', policySet(), facts({ data: { destinationRegions: ['US'] } }), 'EU', 'cut'],
    ['a policy that ends connections', withPolicy({ violationAction: 'terminate_connection' }), facts(), 'US', 'cut'],
    ['a policy of admission alone', withPolicy({ violationAction: 'reject_workload' }), facts({ data: { classification: 'Restricted', sourceRegion: 'EU' } }), 'US', 'migrate'],
    ['a policy that only audits', { ...withPolicy({ violationAction: 'audit' }), rules: [] }, facts({ data: { classification: 'Internal' } }), 'US', 'none'],
    ['an agreement in force', policySet(), withAgreement, 'EU', 'none'],
    ['an ended agreement without a rule for it', ended(), withAgreement, 'EU', 'cut'],
    ['one that asks to be told', ended('notify'), withAgreement, 'EU', 'report'],
    ['one that suspends', ended('suspend'), withAgreement, 'EU', 'cut'],
    ['one that terminates', ended('terminate'), withAgreement, 'EU', 'stop'],
  ])('%s', (_name, set, running, region, remedy) => {
    expect(judge(set, { facts: running, region, time: NOON }).remedy).toBe(remedy);
  });
});

describe('concernedBy', () => {
  const { data, cluster } = facts();
  const restricted = concernedBy(policySet(), withPolicy({ violationAction: 'audit' }));
  it('follows a change to the data it speaks of, and to no other', () => {
    expect(restricted(data!, cluster)).toBe(true);
    expect(restricted({ ...data!, classification: 'Public' }, cluster)).toBe(false);
    expect(restricted({ ...data!, sourceRegion: 'US' }, cluster)).toBe(false);
  });
  it('follows agreements and clusters by name, and what it does not know to everybody', () => {
    expect(concernedBy(policySet(), ended())(withAgreement.data!, cluster)).toBe(true);
    expect(concernedBy(policySet(), ended())(data!, cluster)).toBe(false);
    expect(concernedBy(policySet(), policySet({ clusters: [] }))(data!, cluster)).toBe(true);
    expect(concernedBy(policySet(), { ...policySet(), exceptions: [1] } as never)(data!, cluster)).toBe(true);
    expect(concernedBy(policySet(), { ...policySet(), policyHeight: 99 })(data!, cluster)).toBe(false);
  });
});

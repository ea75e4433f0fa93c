// Whose refusal it was, by the words of real ones.
import { describe, expect, it } from 'vitest';
import type { PolicySet } from '../../../policy/types.js';
import { foreignMembers } from './foreignMembers.js';

const members = (...names: string[]) => names.map((name) => ({ name })) as never;
const set: Pick<PolicySet, 'policies' | 'rules' | 'agreements'> = {
  policies: members('mainnet-test-limits', 'limits', 'analytics-mutual-tls'),
  rules: members('mainnet-test-eu-to-eu', 'eu-to-eu'),
  agreements: members('mainnet-test-payments-agreement', 'payments-agreement'),
};

describe('the members of others that a refusal names', () => {
  it.each<[string, string, string[]]>([
    ["the story's own alone", 'refused by BisoPolicy mainnet-test-limits/pod-size: too large', []],
    ["another's", 'refused by BisoPolicy analytics-mutual-tls/both-ends: no label', ['analytics-mutual-tls']],
    ['both, as when no region is left', 'BisoPolicy limits, mainnet-test-limits: the policies that apply leave no region', ['limits']],
    ["another's rule and agreement", 'refused by TrafficRule eu-to-eu | Agreement payments-agreement/scope', ['eu-to-eu', 'payments-agreement']],
    ['none', 'refused by NodeNamePreset: spec.nodeName is "us-1"', []],
  ])('%s', (_, refusal, names) => expect(foreignMembers(refusal, set, 'mainnet-test')).toEqual(names));
});

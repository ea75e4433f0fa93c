import { describe, expect, it } from 'vitest';
import { contradictingPolicies, overlappingRules, shadowingRules } from './overlaps.js';
import { aPolicy, aPolicySet, aRule, aTrafficRule, euOnly } from './testing/builders.js';
import type { PolicySet } from './types.js';

const with_ = (...rules: PolicySet['rules']) => aPolicySet({ rules });
const red = (name: string, more: Parameters<typeof aTrafficRule>[1] = {}) => aTrafficRule(name, { light: 'Red', ...more });

describe('overlappingRules', () => {
  it('names the other rule, an example request and who decides', () => {
    const applied = aTrafficRule('open', { destination: { regions: ['US'] } });
    expect(overlappingRules(with_(red('stop', { source: { classifications: ['Restricted'] } })), applied)).toEqual([
      'overlaps TrafficRule stop (Red), e.g. Process of Restricted data US → US: stop (Red) decides',
    ]);
  });
  it.each<[string, Parameters<typeof aTrafficRule>[1], Parameters<typeof aTrafficRule>[1]]>([
    ['of the same light', { light: 'Red' }, {}],
    ['about other classes', { source: { classifications: ['Public'] } }, { source: { classifications: ['Restricted'] } }],
    ['about other regions', { source: { regions: ['EU'] } }, { source: { regions: ['US'] } }],
    ['about other pods', { source: { podSelector: { matchLabels: { app: 'a' } } } }, { source: { podSelector: { matchLabels: { app: 'b' } } } }],
    ['about pods that must not have what the others have', { source: { podSelector: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] } } }, { source: { podSelector: { matchLabels: { app: 'b' } } } }],
    ['about another time of day', { conditions: { timeWindow: { from: '22:00', to: '06:00' } } }, { conditions: { timeWindow: { from: '06:00', to: '22:00' } } }],
    ['about what is not encrypted', { conditions: { encrypted: true } }, { conditions: { encrypted: false } }],
    ['about operations of other types', { operationTypes: ['Store'] }, { operationTypes: ['Transfer'] }],
  ])('says nothing of a rule %s', (_name, applied, other) => {
    expect(overlappingRules(with_(red('other', other)), aTrafficRule('applied', applied))).toEqual([]);
  });
  it('says nothing of the rule itself, and counts what is too much to read', () => {
    expect(overlappingRules(with_(red('same')), aTrafficRule('same'))).toEqual([]);
    expect(overlappingRules(with_(...Array.from({ length: 9 }, (_, i) => red(`r${i}`))), aTrafficRule('applied')).at(-1)).toBe('and 4 more overlaps');
  });
});

describe('shadowingRules', () => {
  it('says that a rule is never asked', () => {
    expect(shadowingRules(with_(red('all', { priority: 900 })), aTrafficRule('late', { source: { regions: ['EU'] } }))).toEqual([expect.stringMatching(/is never asked: TrafficRule all \(Red\) decides first .*; raise its priority above 900/)]);
  });
  it.each<[string, Parameters<typeof aTrafficRule>[1]]>([
    ['comes after it', { priority: 1 }],
    ['is of the same light', { light: 'Green', priority: 900 }],
    ['is about less', { priority: 900, source: { classifications: ['Public'] } }],
    ['holds at some times only', { priority: 900, conditions: { encrypted: true } }],
    ['selects some pods only', { priority: 900, source: { podSelector: { matchLabels: { a: 'b' } } } }],
  ])('says nothing when the other %s', (_name, other) => expect(shadowingRules(with_(red('other', other)), aTrafficRule('applied'))).toEqual([]));
});

describe('contradictingPolicies', () => {
  const us = (match = {}) => aPolicy('us', { rules: [aRule({ match, requirement: { regions: ['US'] } })] });
  it('names the other policy\'s rule and an example that is refused', () => {
    expect(contradictingPolicies(aPolicySet({ policies: [euOnly] }), us())).toEqual([
      'rule rule demands US and BisoPolicy geographic-data-sovereignty/eu-data-stays-in-eu demands EU: e.g. Process of Confidential data EU → US is refused',
    ]);
  });
  it.each([
    ['other classes', { classifications: ['Public'] }],
    ['other regions', { sourceRegions: ['US'] }],
  ])('says nothing of policies about %s', (_name, match) => expect(contradictingPolicies(aPolicySet({ policies: [euOnly] }), us(match))).toEqual([]));
  it('says nothing of policies about other pods', () => {
    const mine = us({ podSelector: { matchLabels: { app: 'a' } } });
    const theirs = aPolicy('eu', { rules: [aRule({ match: { podSelector: { matchLabels: { app: 'b' } } }, requirement: { regions: ['EU'] } })] });
    expect(contradictingPolicies(aPolicySet({ policies: [theirs] }), mine)).toEqual([]);
  });
});

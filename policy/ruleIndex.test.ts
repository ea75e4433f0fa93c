import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { LabelSelector } from '../api/index.js';
import { evaluate } from './evaluate.js';
import { RuleIndex } from './ruleIndex.js';
import { aPolicy, aPolicySet, aRule, aTrafficRule, someFacts } from './testing/builders.js';

const word = fc.constantFrom('a', 'b', 'c');
const region = fc.constantFrom<'EU' | 'US' | 'APAC' | 'Global'>('EU', 'US', 'APAC', 'Global');
const labels = fc.dictionary(word, word, { maxKeys: 3 });
const requirement = fc.oneof(
  fc.record({ key: word, operator: fc.constantFrom('In' as const, 'NotIn' as const), values: fc.uniqueArray(word, { minLength: 1 }) }),
  fc.record({ key: word, operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const) }),
);
const selector: fc.Arbitrary<LabelSelector> = fc.record({ matchLabels: labels, matchExpressions: fc.array(requirement, { maxLength: 2 }) }, { requiredKeys: [] });
const optional = <T>(list: fc.Arbitrary<T>) => fc.option(fc.uniqueArray(list, { minLength: 1, maxLength: 2 }), { nil: undefined, freq: 2 });
const given = <T extends object>(members: T): T => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

const policies = fc.array(
  fc.record({ podSelector: fc.option(selector, { nil: undefined }), namespaceSelector: fc.option(selector, { nil: undefined }), sourceRegions: optional(region), destinationRegions: optional(region), regulations: optional(fc.constantFrom('GDPR', 'CCPA')), agreements: optional(word) }),
  { maxLength: 8 },
).map((matches) => matches.map((match, i) => aPolicy(`p${i}`, { rules: [aRule({ match: given(match), requirement: { expression: 'false' } })] })));
const rules = fc.array(fc.record({ pods: selector, namespaces: selector, from: optional(region), to: optional(region), light: fc.constantFrom('Green' as const, 'Red' as const), priority: fc.nat(2) }), { maxLength: 8 })
  .map((list) => list.map(({ pods, namespaces, from, to, light, priority }, i) => aTrafficRule(`r${i}`, { priority, light, source: given({ podSelector: pods, namespaceSelector: namespaces, regions: from }), destination: given({ regions: to }) })));
const facts = fc.record({ pod: labels, namespace: labels, sourceRegion: region, destinationRegions: fc.uniqueArray(region), pinned: fc.option(region), regulations: fc.subarray(['GDPR', 'CCPA']), agreements: fc.subarray(['a', 'b', 'c']) })
  .map(({ pod, namespace, sourceRegion, destinationRegions, pinned, regulations, agreements }) =>
    someFacts({ namespace: { name: 'n', labels: namespace }, data: { sourceRegion, destinationRegions, regulations, agreements }, pod: { labels: pod, pinnedRegions: pinned === null ? null : [pinned] } }));

describe('the index', () => {
  it('gives rules in their order, each once', () => {
    const index = new RuleIndex([{ rule: 1, any: ['x', 'y', 'x'] }, { rule: 2, any: null }, { rule: 3, any: ['z'] }, { rule: 4, any: ['y'] }]);
    expect(index.candidates(() => ['y', 'x', 'y'])).toEqual([1, 2, 4]);
    expect(index.candidates(() => [])).toEqual([2]);
  });

  it('gives the verdict of a scan of all rules', async () => {
    vi.resetModules();
    vi.doMock('./ruleIndex.js', async (original) => ({ ...(await original<object>()), firstNeed: () => null }));
    const scanning = await import('./evaluate.js');
    vi.doUnmock('./ruleIndex.js');
    fc.assert(
      fc.property(policies, rules, facts, (ofSet, ofRules, asked) => {
        const set = aPolicySet({ policies: ofSet, rules: ofRules });
        expect(evaluate(set, asked)).toEqual(scanning.evaluate(set, asked));
      }),
      { numRuns: 150 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import { aPolicy, aRule, aTrafficRule, euOnly } from './testing/builders.js';
import { validateBisoPolicy, validateTrafficRule } from './validatePolicy.js';

describe('validateBisoPolicy', () => {
  it.each([
    ['a sound policy', euOnly.spec, []],
    ['an expression', aPolicy('p', { rules: [aRule({ requirement: { expression: '1' } })] }).spec, ['spec.rules[0].requirement.expression']],
    ['a class the policy does not speak of', aPolicy('p', { classifications: ['Public'], rules: [aRule({ match: { classifications: ['Restricted'] }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].match.classifications']],
    ['a source region the policy does not speak of', aPolicy('p', { regions: ['EU'], rules: [aRule({ match: { sourceRegions: ['US'] }, requirement: { regions: ['US'] } })] }).spec, ['spec.rules[0].match.sourceRegions']],
    ['a contradiction', aPolicy('p', { rules: [aRule({ match: { destinationRegions: ['US'] }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].requirement.regions']],
    ['regions that the data never is in', aPolicy('p', { regions: ['EU'], rules: [aRule({ requirement: { regions: ['US'] } })] }).spec, ['spec.rules[0].requirement.regions']],
    ['regions that overlap with the data\'s', aPolicy('p', { regions: ['EU', 'US'], rules: [aRule({ requirement: { regions: ['US'] } })] }).spec, []],
    ['Global, which is every region', aPolicy('p', { regions: ['Global'], rules: [aRule({ match: { sourceRegions: ['US'] }, requirement: { regions: ['US'] } })] }).spec, []],
    ['a requirement that always holds', aPolicy('p', { rules: [aRule({ requirement: { expression: '1 < 2' } })] }).spec, ['spec.rules[0].requirement.expression']],
    ['a requirement that never holds, which is a prohibition', aPolicy('p', { rules: [aRule({ match: { regulations: ['GDPR'] }, requirement: { expression: 'false' } })] }).spec, []],
    ['a constant that cannot be evaluated', aPolicy('p', { rules: [aRule({ requirement: { expression: '1 / 0 == 1' } })] }).spec, ['spec.rules[0].requirement.expression']],
    ['a selector that selects nothing', aPolicy('p', { rules: [aRule({ match: { podSelector: { matchLabels: { a: '1' }, matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['1', '2'] }] } }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].match.podSelector']],
    ['a selector for a label that must and must not be there', aPolicy('p', { rules: [aRule({ match: { namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }, { key: 'a', operator: 'DoesNotExist' }] } }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].match.namespaceSelector']],
    ['a selector of two lists with something in common', aPolicy('p', { rules: [aRule({ match: { podSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['1', '2'] }, { key: 'a', operator: 'In', values: ['2', '3'] }] } }, requirement: { regions: ['EU'] } })] }).spec, []],
    ['two rules that leave no region', aPolicy('p', { rules: [aRule({ name: 'a', requirement: { regions: ['EU'] } }), aRule({ name: 'b', requirement: { regions: ['US'] } })] }).spec, ['spec.rules[1].requirement.regions']],
    ['two rules for different classes', aPolicy('p', { rules: [aRule({ name: 'a', match: { classifications: ['Public'] }, requirement: { regions: ['EU'] } }), aRule({ name: 'b', match: { classifications: ['Internal'] }, requirement: { regions: ['US'] } })] }).spec, []],
    ['two rules of which one is about some pods', aPolicy('p', { rules: [aRule({ name: 'a', requirement: { regions: ['EU'] } }), aRule({ name: 'b', match: { podSelector: { matchLabels: { a: '1' } } }, requirement: { regions: ['US'] } })] }).spec, []],
    ['a selector of nodes that selects nothing', aPolicy('p', { rules: [aRule({ match: { nodeSelector: { matchExpressions: [{ key: 'a', operator: 'Exists' }, { key: 'a', operator: 'DoesNotExist' }] } }, requirement: { expression: 'false' } })] }).spec, ['spec.rules[0].match.nodeSelector']],
    ['rules that cost too much together', aPolicy('p', { rules: Array.from({ length: 64 }, (_, i) => aRule({ name: `r${i}`, requirement: { expression: 'pod.images.all(i, i.contains("bank") && i.endsWith("x"))' } })) }).spec, ['spec.rules']],
    ['a rule without the defaults', { enforcement: 'runtime', violationAction: 'audit', rules: [{ name: 'r', requirement: { regions: ['EU'] }, clause: { text: 'c' } }] } as unknown as typeof euOnly.spec, []],
  ])('%s', (_name, spec, paths) => expect(validateBisoPolicy(spec).map(({ path }) => path)).toEqual(paths));
});

describe('validateTrafficRule', () => {
  it.each([
    ['a sound rule', aTrafficRule('r').spec, []],
    ['an empty window', aTrafficRule('r', { conditions: { timeWindow: { from: '08:00', to: '08:00' } } }).spec, ['spec.conditions.timeWindow']],
    ['an end cleared for another class than the data', aTrafficRule('r', { source: { classifications: ['Restricted'] }, destination: { classifications: ['Internal'] } }).spec, []],
    ['an expression on the flow', aTrafficRule('r', { conditions: { expression: 'flow.requestsPerSecond < 100 && flow.healthy' } }).spec, []],
    ['an expression', aTrafficRule('r', { conditions: { expression: 'nope' } }).spec, ['spec.conditions.expression']],
    ['an expression on the node, which a flow has not', aTrafficRule('r', { conditions: { expression: 'node.region == "EU"' } }).spec, ['spec.conditions.expression']],
    ['a condition that never holds', aTrafficRule('r', { conditions: { expression: 'false' } }).spec, ['spec.conditions.expression']],
    ['a condition that always holds', aTrafficRule('r', { conditions: { expression: 'true' } }).spec, []],
    ['a selector that selects nothing', aTrafficRule('r', { source: { podSelector: { matchExpressions: [{ key: 'a', operator: 'In', values: ['1'] }, { key: 'a', operator: 'DoesNotExist' }] } } }).spec, ['spec.source.podSelector']],
  ])('%s', (_name, spec, paths) => expect(validateTrafficRule(spec).map(({ path }) => path)).toEqual(paths));
});

it('names the position in an expression, and what may be written', () => {
  expect(validateBisoPolicy(aPolicy('p', { rules: [aRule({ requirement: { expression: 'true && pod.nope' } })] }).spec)).toEqual([
    { path: 'spec.rules[0].requirement.expression', value: 'true && pod.nope', message: expect.stringMatching(/nope.* at character 13$/) as string, cure: expect.stringMatching(/agreements and node$/) as string },
  ]);
});

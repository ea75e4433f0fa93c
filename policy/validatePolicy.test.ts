import { describe, expect, it } from 'vitest';
import { compileExpression, MAX_EXPRESSION_LENGTH } from './expression.js';
import { aPolicy, aRule, aTrafficRule, euOnly } from './testing/builders.js';
import { validateBisoPolicy, validateTrafficRule } from './validatePolicy.js';

describe('compileExpression', () => {
  it.each([
    ['pod.cpuMillis <= 4000', true, ''],
    ['pod.images.all(i, i.startsWith("registry.bank/"))', true, ''],
    ['pod.cpuMilis <= 4000', false, 'cpuMilis'],
    ['pod.cpuMillis', false, 'gives int'],
    ['pod.cpuMillis <', false, 'Unexpected'],
    ['secret.key == "x"', false, 'Unknown variable'],
    ['data.classification == 3', false, 'no such overload'],
    ['"x".matches("(a+)+$")', false, 'matches()'],
    ['pod.images.all(a, pod.images.all(b, pod.images.all(c, true)))', false, '3 loops'],
    [`"${'x'.repeat(MAX_EXPRESSION_LENGTH)}" == ""`, false, 'longer than'],
  ])('%s', (text, ok, says) => {
    const compiled = compileExpression(text);
    expect(compiled.ok).toBe(ok);
    if (!compiled.ok) expect(compiled.message).toContain(says);
  });
  it('tells where it goes wrong', () => expect(compileExpression('true && pod.nope')).toMatchObject({ position: 12 }));
});

describe('validateBisoPolicy', () => {
  it.each([
    ['a sound policy', euOnly.spec, []],
    ['an expression', aPolicy('p', { rules: [aRule({ requirement: { expression: '1' } })] }).spec, ['spec.rules[0].requirement.expression']],
    ['a class the policy does not speak of', aPolicy('p', { classifications: ['Public'], rules: [aRule({ match: { classifications: ['Restricted'] }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].match.classifications']],
    ['a source region the policy does not speak of', aPolicy('p', { regions: ['EU'], rules: [aRule({ match: { sourceRegions: ['US'] }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].match.sourceRegions']],
    ['a contradiction', aPolicy('p', { rules: [aRule({ match: { destinationRegions: ['US'] }, requirement: { regions: ['EU'] } })] }).spec, ['spec.rules[0].requirement.regions']],
  ])('%s', (_name, spec, paths) => expect(validateBisoPolicy(spec).map(({ path }) => path)).toEqual(paths));
});

describe('validateTrafficRule', () => {
  it.each([
    ['a sound rule', aTrafficRule('r').spec, []],
    ['an empty window', aTrafficRule('r', { conditions: { timeWindow: { from: '08:00', to: '08:00' } } }).spec, ['spec.conditions.timeWindow']],
    ['classes that never meet', aTrafficRule('r', { source: { classifications: ['Public'] }, destination: { classifications: ['Internal'] } }).spec, ['spec.destination.classifications']],
    ['an expression', aTrafficRule('r', { conditions: { expression: 'nope' } }).spec, ['spec.conditions.expression']],
  ])('%s', (_name, spec, paths) => expect(validateTrafficRule(spec).map(({ path }) => path)).toEqual(paths));
});

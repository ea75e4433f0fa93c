import { describe, expect, it } from 'vitest';
import { compileExpression, MAX_EXPRESSION_LENGTH, type ExpressionUse } from './expression.js';
import { someFacts } from './testing/builders.js';

const facts = someFacts({ pod: { cpuMillis: 500, images: ['registry.bank/a', 'registry.bank/b'], labels: { app: 'x' }, pinnedRegions: ['EU'] } });

describe('compileExpression', () => {
  it.each<[string, boolean]>([
    ['pod.cpuMillis <= 4000 && data.classification == "Restricted"', true],
    ['pod.images.all(i, i.startsWith("registry.bank/"))', true],
    ['pod.images.exists(i, i.endsWith(":latest"))', false],
    ['"app" in pod.labels && pod.labels["app"] == "x"', true],
    ['has(pod.labels.app) && size(pod.labels) == 1', true],
    ['node.region == data.sourceRegion', true],
    ['namespaceObject.name.split("-").size() == 1', true],
    ['request.time > 0', true],
    ['"constructor" in pod.labels || "__proto__" in pod.labels || "toString" in pod.nodeSelector', false],
    ['pod.images.map(i, i.substring(0, 8)).join(",").contains("registry")', true],
  ])('%s gives %s', (text, expected) => {
    const compiled = compileExpression(text);
    expect(compiled.ok && compiled.expression.holds(facts)).toBe(expected);
    expect(compiled.ok).toBe(true);
  });

  it.each<[name: string, text: string, says: string, position: number | null, use?: ExpressionUse]>([
    ['a member that does not exist', 'true && pod.nope', 'nope', 12],
    ['a variable that does not exist', 'secret.key == "x"', 'Unknown variable', 0],
    ['the node in a flow\'s condition', 'node.region == "EU"', 'Unknown variable: node', 0, 'condition'],
    ['another type than bool', 'pod.cpuMillis', 'gives int', 0],
    ['half an expression', 'pod.cpuMillis <', 'Unexpected', 15],
    ['types that do not go together', 'data.classification == 3', 'no such overload', 0],
    ['a regular expression', '"x".matches("(a+)+$")', 'uses matches()', 0],
    ['a regular expression behind spaces', 'true && "x" . matches ("a")', 'uses matches()', 8],
    ['the time of a zone', 'timestamp(request.time).getHours("Europe/Berlin") == 1', 'uses getHours()', 0],
    ['a binding, which can double a text again and again', 'cel.bind(x, "a", x == "a")', 'uses bind()', 0],
    ['a fraction', '1.5 < 2.0', 'has a fraction', 0],
    ['a conversion to one', 'double(pod.cpuMillis) < double(3)', 'uses double()', 0],
    ['three loops', 'pod.images.all(a, pod.images.all(b, pod.images . all(c, true)))', 'more than 2 loops', 36],
    ['too much text', `"${'x'.repeat(MAX_EXPRESSION_LENGTH)}" == ""`, 'longer than', null],
    ['too much nesting', `${'('.repeat(40)}true${')'.repeat(40)}`, 'maxDepth', 24],
    ['too many parts', Array.from({ length: 200 }, () => 'true').join(' && '), 'maxAstNodes', null],
  ])('refuses %s', (_name, text, says, position, use) => {
    const compiled = compileExpression(text, use);
    expect(compiled).toMatchObject({ ok: false, message: expect.stringContaining(says) as string });
    if (position !== null) expect(compiled).toMatchObject({ position });
  });

  it('compiles a text once', () => expect(compileExpression('pod.privileged')).toBe(compileExpression('pod.privileged')));

  it.each([
    ['node.region == "EU"', { needsNode: true, constant: false }],
    ['pod.privileged', { needsNode: false, constant: false }],
    ['1 + 1 == 2', { needsNode: false, constant: true }],
  ])('knows what %s asks for', (text, expected) => expect(compileExpression(text)).toMatchObject({ expression: expected }));

  it('says what is missing when it cannot be evaluated', () => {
    const compiled = compileExpression('pod.labels["team"] == "a"');
    expect(() => compiled.ok && compiled.expression.holds(facts)).toThrow(/team/);
  });
});

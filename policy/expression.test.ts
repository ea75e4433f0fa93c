import { describe, expect, it } from 'vitest';
import { compileExpression, MAX_EXPRESSION_LENGTH } from './expression.js';
import type { ExpressionUse } from './expressionVariables.js';
import { anAgreementFact, asked } from './testing/builders.js';

const facts = asked(
  {
    pod: {
      cpuMillis: 500, images: ['registry.bank/a', 'registry.bank/b'], labels: { app: 'x' }, pinnedRegions: ['EU'], volumeTypes: ['configMap'],
      containers: [{ name: 'a', image: 'registry.bank/a', capabilitiesDropped: ['ALL'], hostPorts: [8080], runAsUser: 0 }, { name: 'b', image: 'registry.bank/b', allowPrivilegeEscalation: false, limits: { cpuMillis: 5 } }],
    },
  },
  { agreements: [anAgreementFact], node: { name: 'eu-1', region: 'EU', zone: 'eu-a', labels: { disk: 'ssd' }, operator: 'ab' } },
);

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
    ['pod.containers[0].name == "a" && pod.containers.all(c, c.image.startsWith("registry.bank/"))', true],
    ['pod.containers.exists(c, c.allowPrivilegeEscalation) && pod.containers.exists(c, !c.allowPrivilegeEscalation)', true],
    ['pod.containers.filter(c, c.runAsUser == 0).map(c, c.hostPorts[0])[0] == 8080', true],
    ['pod.containers.all(c, c.capabilitiesDropped.exists(d, d == "ALL"))', false],
    ['pod.containers[1].cpuLimitMillis == 5 && pod.containers[1].memoryLimitBytes == 0', true],
    ['agreements.exists(a, "bank" in a.parties && a.jurisdiction == "US-DE" && a.validUntil > request.time)', true],
    ['node.name == "eu-1" && node.zone.startsWith(node.region.lowerAscii()) && node.labels["disk"] == "ssd" && node.operator == "ab"', true],
    ['pod.volumeTypes.all(v, v in ["configMap", "secret"])', true],
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
    ['a loop over images for each image', 'true && pod.images.all(a, pod.images.all(b, a != b))', 'more than 200000; let its loops run over shorter lists', 8],
    ['a text that is copied for each label', 'pod.labels.all(k, size(pod.images.join(k)) > 3)', 'steps on the largest request', 0],
    ['a member that containers do not have', 'pod.containers.all(c, c.nope == 1)', 'nope', 24],
    ['the flow in a requirement', 'flow.encrypted', 'Unknown variable: flow', 0],
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
    ['node.region == "EU"', { needsNode: 'region', constant: false }],
    ['node.labels["a"] == "b" || node.region == "EU"', { needsNode: 'node', constant: false }],
    ['pod.privileged', { needsNode: null, constant: false }],
    ['1 + 1 == 2', { needsNode: null, constant: true }],
  ])('knows what %s asks for', (text, expected) => expect(compileExpression(text)).toMatchObject({ expression: expected }));

  it('says what is missing when it cannot be evaluated', () => {
    const compiled = compileExpression('pod.labels["team"] == "a"');
    expect(() => compiled.ok && compiled.expression.holds(facts)).toThrow(/team/);
  });

  it('asks nothing of containers that were not recorded', () => {
    const compiled = compileExpression('pod.containers.all(c, c.runAsNonRoot)');
    expect(() => compiled.ok && compiled.expression.holds(asked({ pod: {} }))).toThrow(/containers/);
  });
});

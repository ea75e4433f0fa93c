import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runEnc } from './testing/runEnc.js';
import { addTestCommand } from './testCommand.js';

const library = new URL('../../policies/', import.meta.url).pathname;
const folder = mkdtempSync(path.join(os.tmpdir(), 'enc-test-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  const full = path.join(folder, name);
  writeFileSync(full, text);
  return full;
};
const pod = (more = '') => `
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels: { enc.metanode.io/data-classification: Restricted, enc.metanode.io/data-region: EU }
spec:
  nodeSelector: { topology.kubernetes.io/region: US }
  containers: [{ name: app, image: 'a:1' }]
${more}`;
const outside = file('outside.yaml', pod());
const inside = file('inside.yaml', pod().replace('region: US', 'region: EU'));
async function test(...flags: string[]) {
  const lines: string[] = [];
  const run = await runEnc((program) => addTestCommand(program, (text) => void lines.push(text)), ['test', ...flags]);
  return { ...run, printed: lines.join('\n') };
}
const sovereignty = path.join(library, 'geographic-data-sovereignty/policy.yaml');

describe('kubectl enc test', () => {
  it('passes what would be let in', async () => {
    const { exitCode, printed } = await test(inside, '--policies', sovereignty);
    expect(exitCode).toBe(0);
    expect(printed).toMatch(/pass +Green +Pod default\/web +-/);
  });

  it('fails what would be refused, and names policy, rule, clause and cure', async () => {
    const { exitCode, text, printed } = await test(outside, inside, '--policies', sovereignty);
    expect([exitCode, text]).toEqual([1, '1 of 2 would be refused']);
    expect(printed).toMatch(/FAIL +Red +Pod default\/web +geographic-data-sovereignty\/eu-data-stays-in-eu/);
    expect(printed).toMatch(/outside\.yaml\): BisoPolicy geographic-data-sovereignty\/eu-data-stays-in-eu: its node would be in US, outside EU \[GDPR Art\. 44: ".*"\]; to cure it, place the workload on EU nodes/);
  });

  it('writes JSON', async () => {
    const { printed } = await test(outside, '--policies', sovereignty, '-o', 'json');
    expect(JSON.parse(printed)).toMatchObject([{ object: { kind: 'Pod', name: 'web' }, decision: 'refuse', violations: [{ rule: 'eu-data-stays-in-eu' }, {}] }]);
  });

  it('writes JUnit that says how many failed, with everything escaped', async () => {
    const named = file('a&b.yaml', pod());
    const { printed } = await test(named, inside, '--policies', sovereignty, '-o', 'junit');
    expect(printed).toMatch(/<testsuite name="kubectl enc test" tests="2" failures="1">/);
    expect(printed).toMatch(/<testcase classname="[^"]*a&amp;b\.yaml" name="Pod default\/web">\n\s*<failure type="geographic-data-sovereignty\/eu-data-stays-in-eu/);
    expect(printed.match(/<testcase/g)).toHaveLength(2);
    expect(printed).not.toMatch(/&(?!amp;|lt;|gt;|quot;)/);
  });

  const template = (kind: string, spec: string) => `apiVersion: x/v1\nkind: ${kind}\nmetadata: { name: w, namespace: shop }\nspec: ${spec}`;
  const podTemplate = '{ metadata: { labels: { enc.metanode.io/data-classification: Restricted, enc.metanode.io/data-region: EU } }, spec: { nodeSelector: { topology.kubernetes.io/region: US }, containers: [{ name: a, image: "a:1" }] } }';
  it.each([
    ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job'].map((kind) => [kind, template(kind, `{ template: ${podTemplate} }`)]),
    ['CronJob', template('CronJob', `{ jobTemplate: { spec: { template: ${podTemplate} } } }`)],
    ['Workload', 'apiVersion: enc.metanode.io/v1alpha1\nkind: Workload\nmetadata: { name: w, namespace: shop }\nspec: { clusterRef: eu, kind: Deployment, dataClassification: Restricted, dataRegion: EU, template: { spec: { nodeSelector: { topology.kubernetes.io/region: US }, containers: [{ name: a, image: "a:1" }] } } }'],
    ['List', `kind: List\nitems: [{ ${template('Deployment', `{ template: ${podTemplate} }`).replaceAll('\n', ', ')} }]`],
  ])('asks about the pods of a %s', async (kind, text) => {
    const { exitCode, printed } = await test(file(`${kind}.yaml`, text), '--policies', sovereignty);
    expect(exitCode).toBe(1);
    expect(printed).toMatch(/ shop\/w +geographic-data-sovereignty\/eu-data-stays-in-eu/);
  });

  it('lets through what nobody enforces, and says when nothing is left', async () => {
    const namespace = '---\napiVersion: v1\nkind: Namespace\nmetadata: { name: default }';
    expect(await test(file('free.yaml', pod(namespace)), '--policies', sovereignty)).toMatchObject({ exitCode: 2, text: expect.stringContaining('no pod') as string });
  });

  it.each([
    ['no such file', ['nowhere.yaml', '--policies', sovereignty], /nowhere\.yaml: there is no such file/],
    ['half a document', [file('half.yaml', 'a: [1'), '--policies', sovereignty], /half\.yaml: is neither YAML nor JSON/],
    ['no object', [file('text.yaml', 'just text'), '--policies', sovereignty], /no Kubernetes object/],
    ['a label that is no text', [file('label.yaml', pod().replace('Restricted', 'true')), '--policies', sovereignty], /labels and annotations are maps from text to text/],
    ['no name', [file('name.yaml', 'kind: Pod\nmetadata: {}'), '--policies', sovereignty], /has no metadata\.name/],
    ['a policy that does not compile', [inside, '--policies', file('bad.yaml', 'apiVersion: enc.metanode.io/v1alpha1\nkind: BisoPolicy\nmetadata: { name: bad }\nspec: { enforcement: runtime, violationAction: audit, rules: [{ name: r, requirement: { expression: "true && pod.nope" }, clause: { text: c } }] }')], /bad\.yaml: BisoPolicy bad: spec\.rules\[0\]\.requirement\.expression: .* at character 13/],
    ['a region that is none', [inside, '--policies', file('region.yaml', 'apiVersion: enc.metanode.io/v1alpha1\nkind: BisoPolicy\nmetadata: { name: bad }\nspec: { regions: [MARS], enforcement: runtime, violationAction: audit, rules: [{ name: r, requirement: { regions: [EU] }, clause: { text: c } }] }')], /spec\.regions\[0\]: "MARS".*use one of US, EU, APAC, Global/],
    ['a format that is none', [inside, '-o', 'xml'], /Expected table, json, junit/],
    ['an exception signed by nobody\'s key', [inside, '--policies', file('pex.yaml', `apiVersion: enc.metanode.io/v1alpha1\nkind: PolicyException\nmetadata: { name: p }\nspec: { targets: [{ kind: TrafficRule, name: t }], scope: { namespaces: [a] }, reason: long enough, expiresAt: '2030-01-01T00:00:00Z', approvals: [{ publicKey: ${'a'.repeat(64)}, signature: ${'b'.repeat(128)} }] }`)], /spec\.approvals\[0\]\.signature/],
  ])('refuses %s with exit code 2', async (_name, flags, says) => {
    const { exitCode, text } = await test(...flags);
    expect(exitCode).toBe(2);
    expect(text).toMatch(says);
  });

  it('says what is wrong with a pod whose class is unknown, and the allowed ones', async () => {
    const { exitCode, printed } = await test(file('class.yaml', pod().replace('Restricted', 'Secret')), '--policies', sovereignty);
    expect(exitCode).toBe(1);
    expect(printed).toMatch(/is "Secret".*Public, Internal, Confidential, Restricted/);
  });
});

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BisoPolicySpec } from '../../../api/index.js';
import { judge } from './judge.js';
import { policiesOf } from './policiesOf.js';
import { nodesOf, questionsOf } from './questionsOf.js';
import { readManifests } from './readManifests.js';

const library = new URL('../../../policies/', import.meta.url).pathname;
const folders = readdirSync(library, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const NOON = Date.UTC(2026, 5, 1, 12, 0);

function judged(folder: string, file: string) {
  const manifests = readManifests('FILE', [path.join(library, folder, file)]);
  const set = policiesOf([...readManifests('--policies', [path.join(library, folder, 'policy.yaml')]), ...manifests]);
  const nodes = nodesOf(manifests);
  return questionsOf(manifests, { set, namespace: 'default', namespaceLabels: () => undefined, now: NOON }).map((asked) => judge(set, asked, nodes));
}
const rulesOf = (folder: string) => {
  const { policies, rules } = policiesOf(readManifests('--policies', [path.join(library, folder, 'policy.yaml')]));
  return { biso: policies.flatMap(({ spec }) => (spec as BisoPolicySpec).rules.map(({ name }) => name)), red: rules.filter(({ spec }) => spec.light === 'Red').map(({ name }) => name) };
};
const failures = (folder: string) => readdirSync(path.join(library, folder)).filter((file) => file.startsWith('fail')).flatMap((file) => judged(folder, file));
/** A fail example is named after the rule it breaks, and what is after it tells several of them apart. */
const isNamedAfter = (name: string, rule: string) => name === rule || name.startsWith(`${rule}.`);

it('has the three policies that the agreement requires, with their actions', () => {
  const required = ['cluster-resource-limits', 'geographic-data-sovereignty', 'encryption-in-transit'].map((name) => policiesOf(readManifests('', [path.join(library, name, 'policy.yaml')])).policies[0]!);
  expect(required.map(({ name, spec }) => [name, spec.enforcement, spec.violationAction])).toEqual([
    ['cluster-resource-limits', 'pre-scheduling', 'reject_workload'],
    ['geographic-data-sovereignty', 'runtime', 'migrate_workload'],
    ['encryption-in-transit', 'continuous', 'terminate_connection'],
  ]);
});

describe.each(folders)('policies/%s', (folder) => {
  it('lets through every pass example', () => {
    const passing = judged(folder, 'pass.yaml');
    expect(passing.length).toBeGreaterThan(0);
    expect(passing.filter(({ verdict }) => verdict.decision !== 'allow').map(({ object, verdict }) => [object.name, verdict.message])).toEqual([]);
  });

  it('refuses every fail example by the rule it is named after, and by that alone', () => {
    const found = failures(folder).map(({ object, verdict }) => ({ name: object.name, decision: verdict.decision, by: verdict.violations.map(({ rule, name }) => rule || name).filter((by) => by !== 'default' || object.name === 'default') }));
    expect(found.length).toBeGreaterThan(0);
    expect(found.filter(({ name, decision, by }) => decision !== 'refuse' || by.length === 0 || !by.every((rule) => isNamedAfter(name, rule)))).toEqual([]);
  });

  it('has a fail example for every rule that refuses', () => {
    const names = failures(folder).map(({ object }) => object.name);
    const { biso, red } = rulesOf(folder);
    expect([...biso, ...red].filter((rule) => !names.some((name) => isNamedAfter(name, rule)))).toEqual([]);
  });

  it('quotes a clause, a regulation and a cure in every refusal', () => {
    expect(existsSync(path.join(library, folder, 'pass.yaml'))).toBe(true);
    for (const { verdict } of failures(folder)) for (const { clause, cure, regulation, name } of verdict.violations) expect([clause !== '', cure !== '', regulation !== '' || name === 'default']).toEqual([true, true, true]);
  });
});

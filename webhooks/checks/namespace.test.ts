// A namespace may come under enforcement; it does not leave it.
import { describe, expect, it } from 'vitest';
import { ENFORCED, testContext, testRequest } from '../testing/samples.js';
import { checkNamespace } from './namespace.js';

const namespace = (labels: Record<string, string>, name = 'shop') => ({ metadata: { name, uid: 'n1', labels } });
const update = (before: Record<string, string> | null, after: Record<string, string>, name = 'shop') =>
  testRequest({
    kind: { group: '', version: 'v1', kind: 'Namespace' },
    resource: { group: '', version: 'v1', resource: 'namespaces' },
    namespace: name,
    name,
    operation: before ? 'UPDATE' : 'CREATE',
    object: namespace(after, name),
    oldObject: before && namespace(before, name),
  });

describe('checkNamespace', () => {
  it.each<[string, ReturnType<typeof update>, string[] | null]>([
    ['created outside', update(null, {}), null],
    ['created under enforcement', update(null, ENFORCED), []],
    ['brought under enforcement', update({}, ENFORCED), []],
    ['unlabelled', update(ENFORCED, {}), ['NamespaceLeavesEnforcement']],
    ['relabelled', update(ENFORCED, { 'enc.metanode.io/enforced': 'false' }), ['NamespaceLeavesEnforcement']],
    ['labelled otherwise', update(ENFORCED, { ...ENFORCED, team: 'a' }), null],
    ['exempt by name', update(ENFORCED, {}, 'kube-system'), null],
  ])('%s', async (_name, request, guards) => {
    const facts = await checkNamespace(request, testContext());
    expect(facts && facts.guards.map(({ name }) => name)).toEqual(guards);
  });
});

// What the API server is told to ask: everything the registry checks, failing closed, with no exemption but by name.
import { describe, expect, it } from 'vitest';
import { hostOf, unitedAuthorities, watchedConfigurations, webhookConfigurations } from './register.js';
import { tamperedHooks, type Hooked } from './tamperedHooks.js';
import { makeAuthority } from './tls/selfMade.js';
import { registry } from './registry.js';

interface Hook {
  name: string;
  failurePolicy: string;
  rules: { apiGroups: string[]; resources: string[]; operations: string[]; scope: string }[];
  namespaceSelector: unknown;
  objectSelector?: unknown;
  matchConditions?: unknown;
}
const configurations = webhookConfigurations({ at: 'https://127.0.0.1:21443', authority: 'PEM' }) as unknown as { kind: string; webhooks: Hook[] }[];
const hooks = configurations.flatMap(({ webhooks }) => webhooks);

describe('webhookConfigurations', () => {
  it('fail closed (but for what must be there before them), within 10 s, without effects of dry runs', () => {
    for (const hook of hooks)
      expect(hook).toMatchObject({
        failurePolicy: hook.name === 'definitions.enc.metanode.io' ? 'Ignore' : 'Fail',
        timeoutSeconds: 10,
        sideEffects: 'NoneOnDryRun',
        matchPolicy: 'Equivalent',
        clientConfig: { caBundle: Buffer.from('PEM').toString('base64') },
      });
  });

  it('except namespaces by name only, and identities only where a kubelet and the control plane report what runs', () => {
    for (const { name, namespaceSelector, objectSelector, matchConditions } of hooks) {
      expect(namespaceSelector).toEqual({
        matchExpressions: [
          { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'kube-public', 'kube-node-lease', 'enc-system'] },
        ],
      });
      expect(objectSelector).toBeUndefined();
      const identities = name === 'status.enc.metanode.io';
      const limited = ['identity', 'admission', 'status', 'definitions', 'erasure'].map((part) => `${part}.enc.metanode.io`);
      expect(matchConditions === undefined).toBe(!limited.includes(name));
      if (identities) expect(JSON.stringify(matchConditions)).toContain('system:nodes');
      if (name === 'admission.enc.metanode.io')
        expect(matchConditions).toEqual([
          { name: 'not-a-namespace-that-keeps-its-labels', expression: expect.stringMatching(/^!\(request\.resource\.resource == "namespaces" && request\.operation == "UPDATE" && .*labels == oldObject\.metadata\.labels\)$/) as string },
        ]);
    }
  });

  it('name every registered resource and operation once among the validating ones', () => {
    const validating = configurations.find(({ kind }) => kind === 'ValidatingWebhookConfiguration')!.webhooks.flatMap(({ rules }) => rules);
    const asked = validating
      .flatMap(({ apiGroups, resources, operations }) => operations.map((operation) => `${apiGroups[0]}/${resources[0]} ${operation}`))
      .sort();
    expect(asked).toEqual(
      registry.flatMap(({ group, resource, operations }) => operations.map((operation) => `${group}/${resource} ${operation}`)).sort(),
    );
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked).toEqual(
      expect.arrayContaining([
        '/pods CREATE',
        '/pods UPDATE',
        '/pods/binding CREATE',
        '/bindings CREATE',
        '/pods/ephemeralcontainers UPDATE',
        '/pods/resize UPDATE',
        '/namespaces UPDATE',
        '/namespaces/status UPDATE',
        '/namespaces/finalize UPDATE',
        '/pods/status UPDATE',
        '/pods/eviction CREATE',
        '/pods/exec CONNECT',
        '/pods/attach CONNECT',
        '/pods/portforward CONNECT',
        '/pods/proxy CONNECT',
        '/services/proxy CONNECT',
        '/nodes/proxy CONNECT',
        'apiextensions.k8s.io/customresourcedefinitions DELETE',
      ]),
    );
  });

  it('mutate pods when they are created, and again when others changed them', () => {
    const mutating = configurations.find(({ kind }) => kind === 'MutatingWebhookConfiguration')!.webhooks;
    expect(mutating).toMatchObject([{ reinvocationPolicy: 'IfNeeded', rules: [{ resources: ['pods'], operations: ['CREATE'] }] }]);
  });
});

describe('behind a Service', () => {
  const at = { namespace: 'enc-system', name: 'mainnet-webhooks', port: 443 };

  it('names the Service with the path, and no url', () => {
    const all = webhookConfigurations({ at, authority: 'PEM' }) as unknown as { webhooks: { clientConfig: object }[] }[];
    const paths = all.flatMap(({ webhooks }) => webhooks.map(({ clientConfig }) => (clientConfig as { service: { path: string } }).service.path));
    expect(new Set(paths)).toEqual(new Set(['/mutate', '/validate']));
    expect(all.flatMap(({ webhooks }) => webhooks.map(({ clientConfig }) => clientConfig))).toEqual(
      paths.map((path) => ({ service: { ...at, path }, caBundle: Buffer.from('PEM').toString('base64') })),
    );
    expect(hostOf(at)).toBe('mainnet-webhooks.enc-system.svc');
  });

  it('does not take another replica’s authority for tampering, but another Service', () => {
    const reachable = { at, authority: 'PEM' };
    const live = webhookConfigurations({ at, authority: 'PEM and another' });
    const elsewhere = webhookConfigurations({ at: { ...at, name: 'other' }, authority: 'PEM' });
    for (const [index, wanted] of watchedConfigurations(reachable, []).entries()) {
      expect(tamperedHooks(wanted, live[index] as Hooked)).toEqual([]);
      expect(tamperedHooks(wanted, elsewhere[index] as Hooked)).toEqual(wanted.webhooks!.map(({ name }) => name));
    }
  });

  it('keeps the authorities of other replicas while they are valid, whoever writes last', async () => {
    const now = new Date();
    const day = 86_400_000;
    const [mine, other, old] = await Promise.all([now, now, new Date(now.getTime() - 4_000 * day)].map(async (made) => (await makeAuthority(made)).certificate));
    const united = unitedAuthorities(mine!, `${other!}\n${old!}`, now);
    expect(united.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(united).not.toContain(old!.trim());
    expect(unitedAuthorities(other!, united, now)).toBe(united);
    expect(unitedAuthorities(mine!, '', now).trim()).toBe(mine!.trim());
  });
});

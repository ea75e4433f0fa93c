// Makes the webhook configurations from the registry and keeps them as they should be in the API server.
import { KubernetesObjectApi, PatchStrategy, type KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { EXEMPT_NAMESPACES, GROUP } from '../api/labels.js';
import { registry, type Registration } from './registry.js';
import { PATHS } from './server.js';

const NAME = 'enc-mainnet';
const FIELD_MANAGER = 'enc-webhooks';
const TIMEOUT_SECONDS = 10;

export interface Reachable {
  /** Base URL under which the API server reaches this process, as https://127.0.0.1:21443. */
  url: string;
  /** PEM of the authority of its certificate. */
  authority: string;
}

const ruleOf = ({ group, version, resource, scope, operations }: Registration) => ({
  apiGroups: [group],
  apiVersions: [version],
  resources: [resource],
  operations,
  scope,
});

/** Exempt by a label that the API server sets itself and nobody can change; nothing else opens. */
const EXCEPT_EXEMPT = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...EXEMPT_NAMESPACES] }] };

function hook(name: string, path: string, entries: readonly Registration[], { url, authority }: Reachable, more: object = {}) {
  return {
    name: `${name}.${GROUP}`,
    clientConfig: { url: `${url}${path}`, caBundle: Buffer.from(authority).toString('base64') },
    rules: entries.map(ruleOf),
    namespaceSelector: EXCEPT_EXEMPT,
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    sideEffects: 'NoneOnDryRun',
    timeoutSeconds: TIMEOUT_SECONDS,
    admissionReviewVersions: ['v1'],
    ...more,
  };
}

const apiVersion = 'admissionregistration.k8s.io/v1';

export function webhookConfigurations(reachable: Reachable): KubernetesObject[] {
  const mutating = registry.filter(({ mutate }) => mutate).map((entry) => ({ ...entry, operations: ['CREATE' as const] }));
  const own = registry.filter(({ group }) => group === GROUP);
  const kubernetes = registry.filter(({ group }) => group !== GROUP);
  return [
    {
      apiVersion,
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: NAME },
      webhooks: [hook('identity', PATHS.mutate, mutating, reachable, { reinvocationPolicy: 'IfNeeded' })],
    } as KubernetesObject,
    {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: NAME },
      webhooks: [hook('admission', PATHS.validate, kubernetes, reachable), hook('resources', PATHS.validate, own, reachable)],
    } as KubernetesObject,
  ];
}

/** Server-side apply, so that what others added is kept and what this program owns is put right. */
export async function register(config: KubeConfig, reachable: Reachable): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const configuration of webhookConfigurations(reachable)) {
    await api.patch(configuration, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
  }
}

// Makes the webhook configurations from the registry and keeps them as they should be in the API server.
import { KubernetesObjectApi, PatchStrategy, type KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { EXEMPT_NAMESPACES, GROUP } from '../api/labels.js';
import { registry, type Registration } from './registry.js';
import { PATHS } from './server.js';
import { mended, tamperedHooks } from './tamperedHooks.js';

/** Name of both configurations. */
export const CONFIGURATION = 'enc-mainnet';
export const FIELD_MANAGER = 'enc-webhooks';
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

/** Whose status of a pod is the truth: asking about each of a kubelet's would cost much and find nothing. */
const controlPlane = (kubelets: readonly string[]) => [
  { name: 'not-a-kubelet', expression: '!("system:nodes" in request.userInfo.groups)' },
  { name: 'not-the-control-plane', expression: '!request.userInfo.username.startsWith("system:serviceaccount:kube-system:")' },
  {
    name: 'not-a-component',
    expression: `!(request.userInfo.username in ${JSON.stringify(['system:kube-controller-manager', 'system:kube-scheduler', 'system:apiserver', ...kubelets])})`,
  },
];

/** Failing open: the definitions have to be there before this program, and what is done to them is in the audit log and on the ledger later. */
const OWN_DEFINITIONS = { failurePolicy: 'Ignore', matchConditions: [{ name: 'own', expression: `request.name.endsWith(".${GROUP}")` }] };

/** `kubelets` = users besides the group system:nodes that report what runs, as kwok's. */
export function webhookConfigurations(reachable: Reachable, kubelets: readonly string[] = []): KubernetesObject[] {
  const mutating = registry.filter(({ mutate }) => mutate).map((entry) => ({ ...entry, operations: ['CREATE' as const] }));
  const askedIn = (part: Registration['asked']) => registry.filter(({ asked }) => asked === part);
  const own = askedIn(undefined).filter(({ group }) => group === GROUP);
  const kubernetes = askedIn(undefined).filter(({ group }) => group !== GROUP);
  return [
    {
      apiVersion,
      kind: 'MutatingWebhookConfiguration',
      metadata: { name: CONFIGURATION },
      webhooks: [hook('identity', PATHS.mutate, mutating, reachable, { reinvocationPolicy: 'IfNeeded' })],
    } as KubernetesObject,
    {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: CONFIGURATION },
      webhooks: [
        hook('admission', PATHS.validate, kubernetes, reachable),
        hook('resources', PATHS.validate, own, reachable),
        hook('status', PATHS.validate, askedIn('status'), reachable, { matchConditions: controlPlane(kubelets) }),
        hook('definitions', PATHS.validate, askedIn('definitions'), reachable, OWN_DEFINITIONS),
      ],
    } as KubernetesObject,
  ];
}

/** Server-side apply; where somebody added to our own hooks, which applying does not take away, they are replaced. */
export async function register(config: KubeConfig, reachable: Reachable, kubelets: readonly string[] = []): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const wanted of webhookConfigurations(reachable, kubelets)) {
    const live = await api.patch(wanted, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    if (tamperedHooks(wanted, live).length > 0) await api.replace(mended(wanted, live), undefined, undefined, FIELD_MANAGER);
  }
}

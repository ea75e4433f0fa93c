// Makes the webhook configurations from the registry and keeps them as they should be in the API server.
import { KubernetesObjectApi, PatchStrategy, type KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { EXEMPT_NAMESPACES, GROUP, PERSONAL_NAMESPACE } from '../api/labels.js';
import { LACKS_IDENTITY } from './identityPolicy.js';
import { CONFIGURATION, FIELD_MANAGER, orNothing } from './ownObjects.js';
import { registry, type Registration } from './registry.js';
import { PATHS } from './server.js';
import { mended, tamperedHooks, type Hooked } from './tamperedHooks.js';
import { expiryOf } from './tls/selfMade.js';

const TIMEOUT_SECONDS = 10;

export interface ServiceReference {
  namespace: string;
  name: string;
  port: number;
}
export interface Reachable {
  /** Base URL under which the API server reaches this process, as https://127.0.0.1:21443; or the Service that it stands behind. */
  at: string | ServiceReference;
  /** PEM of the authorities that the API server is to trust: its own, and of a Service the other replicas'. */
  authority: string;
}

/** The name that the serving certificate has to be for. */
export const hostOf = (at: Reachable['at']): string => (typeof at === 'string' ? new URL(at).hostname : `${at.name}.${at.namespace}.svc`);

const ruleOf = ({ group, version, resource, scope, operations }: Registration) => ({
  apiGroups: [group],
  apiVersions: [version],
  resources: [resource],
  operations,
  scope,
});

/** Exempt by a label that the API server sets itself and nobody can change; nothing else opens. */
const EXCEPT_EXEMPT = { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...EXEMPT_NAMESPACES] }] };

function hook(name: string, path: string, entries: readonly Registration[], { at, authority }: Reachable, more: object = {}) {
  return {
    name: `${name}.${GROUP}`,
    clientConfig: { ...(typeof at === 'string' ? { url: `${at}${path}` } : { service: { ...at, path } }), caBundle: Buffer.from(authority).toString('base64') },
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

/** Only its labels decide whether a namespace is enforced: applying ours again has to go while this program is stopped, or it could not be started again. */
const LABELS_STAY =
  'request.resource.resource == "namespaces" && request.operation == "UPDATE" && has(object.metadata.labels) && has(oldObject.metadata.labels) && object.metadata.labels == oldObject.metadata.labels';
const KUBERNETES = { matchConditions: [{ name: 'not-a-namespace-that-keeps-its-labels', expression: `!(${LABELS_STAY})` }] };

const IDENTITY = { matchConditions: [{ name: 'lacks-identity', expression: LACKS_IDENTITY }] };

/** Secrets elsewhere are nobody's business here. */
const ERASURES = { matchConditions: [{ name: 'personal', expression: `request.namespace == "${PERSONAL_NAMESPACE}"` }] };

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
      webhooks: [hook('identity', PATHS.mutate, mutating, reachable, { reinvocationPolicy: 'IfNeeded', ...IDENTITY })],
    } as KubernetesObject,
    {
      apiVersion,
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: CONFIGURATION },
      webhooks: [
        hook('admission', PATHS.validate, kubernetes, reachable, KUBERNETES),
        hook('resources', PATHS.validate, own, reachable),
        hook('status', PATHS.validate, askedIn('status'), reachable, { matchConditions: controlPlane(kubelets) }),
        hook('erasure', PATHS.validate, askedIn('erasure'), reachable, ERASURES),
        hook('definitions', PATHS.validate, askedIn('definitions'), reachable, OWN_DEFINITIONS),
      ],
    } as KubernetesObject,
  ];
}

/**
 * Server-side apply; where somebody added to our own hooks, which applying does not take away, they are replaced. Behind a Service each
 * replica has an authority of its own, whose key never leaves it: each adds its own to those that are registered. Rejects with 409 when
 * another replica wrote meanwhile; the caller tries again.
 */
export async function register(config: KubeConfig, reachable: Reachable, kubelets: readonly string[] = [], now: Date = new Date()): Promise<void> {
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const own of webhookConfigurations(reachable, kubelets)) {
    const shared = typeof reachable.at === 'string' ? undefined : await registered(api, own);
    const authority = shared ? unitedAuthorities(reachable.authority, shared.authority, now) : reachable.authority;
    const wanted = webhookConfigurations({ ...reachable, authority }, kubelets).find(({ kind }) => kind === own.kind)!;
    const sent = shared ? { ...wanted, metadata: { ...wanted.metadata, resourceVersion: shared.resourceVersion } } : wanted;
    const live = await api.patch(sent, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
    if (tamperedHooks(wanted, live).length > 0) await api.replace(mended(wanted, live), undefined, undefined, FIELD_MANAGER);
  }
}

/** What is watched for changes by others. Behind a Service the bundle is every replica's to add to: what else is in it is put right by upkeep. */
export function watchedConfigurations(reachable: Reachable, kubelets: readonly string[]): Hooked[] {
  const all = webhookConfigurations(reachable, kubelets) as Hooked[];
  if (typeof reachable.at === 'string') return all;
  return all.map((one) => ({ ...one, webhooks: one.webhooks!.map((hook) => ({ ...hook, clientConfig: { service: (hook['clientConfig'] as { service: object }).service } })) }));
}

interface Registered {
  /** PEM; '' when none is there. */
  authority: string;
  resourceVersion: string | undefined;
}

/** What is there, made empty where nothing is: of two replicas that apply what neither has seen, the second would take the first's authority away. */
async function registered(api: KubernetesObjectApi, { apiVersion, kind, metadata }: KubernetesObject): Promise<Registered> {
  const named = { apiVersion, kind, metadata: { name: metadata!.name! } } as Parameters<KubernetesObjectApi['read']>[0];
  const { webhooks, metadata: live }: Hooked = (await orNothing(404, api.read(named))) ?? (await orNothing(409, api.create(named))) ?? (await api.read(named));
  const bundle = (webhooks?.[0]?.['clientConfig'] as { caBundle?: string } | undefined)?.caBundle ?? '';
  return { authority: Buffer.from(bundle, 'base64').toString('utf8'), resourceVersion: live?.resourceVersion };
}

const MAX_AUTHORITIES = 16;

/** The own certificates first, then those that others registered and that are still valid; the latest to expire are kept when there are too many. */
export function unitedAuthorities(own: string, others: string, now: Date): string {
  const mine = certificatesIn(own);
  const valid = certificatesIn(others)
    .filter((pem) => !mine.includes(pem))
    .map((pem) => ({ pem, expires: expiryOf(pem).getTime() }))
    .filter(({ expires }) => expires > now.getTime())
    .toSorted((a, b) => b.expires - a.expires)
    .slice(0, MAX_AUTHORITIES - mine.length);
  // In one order for every replica: otherwise each would write the same set anew.
  return [...mine, ...valid.map(({ pem }) => pem)].toSorted().join('');
}

const certificatesIn = (pem: string): string[] => [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([one]) => `${one}\n`);

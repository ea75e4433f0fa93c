// What the API server itself writes into pods before it asks anybody, where it can (MutatingAdmissionPolicy, Kubernetes 1.36): scheduler and cluster, which saves a call for each pod.
import { AdmissionregistrationV1Api, KubernetesObjectApi, PatchStrategy, type KubeConfig, type KubernetesObject } from '@kubernetes/client-node';
import { EXEMPT_NAMESPACES, LABELS, SCHEDULER_NAME } from '../api/labels.js';
import type { PolicySet } from '../policy/types.js';
import { CONFIGURATION, FIELD_MANAGER, orNothing } from './ownObjects.js';

const metadata = { name: CONFIGURATION };
const apiVersion = 'admissionregistration.k8s.io/v1';
const KINDS = ['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'] as const;

const labelled = (key: string) => `(has(object.metadata.labels) && "${key}" in object.metadata.labels)`;
const scheduled = (name: string) => `object.spec.schedulerName == "${name}"`;

/**
 * When the webhook is asked to mutate a pod: unless it has scheduler and cluster already and what a Workload's pods need besides. What it
 * would leave as it is need not be asked about; that all of it is right, the validating webhook sees in any case.
 */
export const LACKS_IDENTITY = `!(${scheduled(SCHEDULER_NAME)} && ${labelled(LABELS.cluster)} && (!${labelled(LABELS.workload)} || (${[LABELS.dataClassification, LABELS.dataRegion, LABELS.operationType].map(labelled).join(' && ')})))`;

const SCHEDULER = `(${scheduled('default-scheduler')} ? [JSONPatch{op: "replace", path: "/spec/schedulerName", value: "${SCHEDULER_NAME}"}] : [])`;

function clusterLabel(cluster: string): string {
  const value = JSON.stringify(cluster);
  const one = `JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("${LABELS.cluster}"), value: ${value}}`;
  const first = `JSONPatch{op: "add", path: "/metadata/labels", value: {"${LABELS.cluster}": ${value}}}`;
  return `(!has(object.metadata.labels) ? [${first}] : "${LABELS.cluster}" in object.metadata.labels ? [] : [${one}])`;
}

/** Empty unless one EncCluster alone can enforce a namespace: which of several does is the webhook's to say. */
export function identityPolicies({ clusters }: Pick<PolicySet, 'clusters'>): KubernetesObject[] {
  const [cluster, ...others] = clusters;
  if (!cluster || others.length > 0) return [];
  const { matchLabels, matchExpressions = [] } = cluster.spec.enforcedNamespaceSelector;
  const exempt = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...EXEMPT_NAMESPACES] };
  const policy = {
    // What fails here is left to the webhook, which is asked about every pod that lacks its identity.
    failurePolicy: 'Ignore',
    reinvocationPolicy: 'IfNeeded',
    matchConstraints: {
      matchPolicy: 'Equivalent',
      namespaceSelector: { ...(matchLabels ? { matchLabels } : {}), matchExpressions: [...matchExpressions, exempt] },
      objectSelector: {},
      resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: 'Namespaced' }],
    },
    mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: `${SCHEDULER} + ${clusterLabel(cluster.name)}` } }],
  };
  return [
    { apiVersion, kind: KINDS[0], metadata, spec: policy } as KubernetesObject,
    { apiVersion, kind: KINDS[1], metadata, spec: { policyName: CONFIGURATION } } as KubernetesObject,
  ];
}

/** Applied again it changes nothing. An API server that has no such policies gets none. */
export async function registerIdentityPolicy(config: KubeConfig, policies: readonly KubernetesObject[]): Promise<void> {
  const { resources } = await config.makeApiClient(AdmissionregistrationV1Api).getAPIResources();
  if (!KINDS.every((kind) => resources.some((resource) => resource.kind === kind))) return;
  const api = KubernetesObjectApi.makeApiClient(config);
  for (const policy of policies) await api.patch(policy, undefined, undefined, FIELD_MANAGER, true, PatchStrategy.ServerSideApply);
  if (policies.length === 0) for (const kind of KINDS) await orNothing(404, api.delete({ apiVersion, kind, metadata }));
}

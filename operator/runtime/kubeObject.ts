// Kubernetes objects as plain JSON from the API server, and where each kind is found.
import type { Condition } from '../../api/index.js';
import { API_VERSION, PLURALS, type Kind } from '../../api/labels.js';
import type { ObjectMeta } from '../../api/objectMeta.js';

export interface KubeObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}
export interface KubeList<T> {
  metadata: { resourceVersion?: string; continue?: string };
  items: T[];
}

export interface PodCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}
export interface Pod extends KubeObject {
  metadata: ObjectMeta & { namespace: string; uid: string };
  spec: { nodeName?: string; schedulerName?: string; schedulingGates?: unknown[]; [field: string]: unknown };
  status?: { phase?: string; reason?: string; message?: string; conditions?: PodCondition[] };
}
export interface Node extends KubeObject {
  spec?: { taints?: { key: string; value?: string; effect: string }[]; unschedulable?: boolean };
  status?: { conditions?: PodCondition[]; allocatable?: Record<string, string> };
}
export interface ConfigMap extends KubeObject {
  data?: Record<string, string>;
}
export interface Deployment extends KubeObject {
  metadata: ObjectMeta & { namespace: string };
  spec: { replicas?: number; [field: string]: unknown };
  status?: { observedGeneration?: number; readyReplicas?: number; conditions?: Partial<Condition>[] };
}
export interface Job extends KubeObject {
  metadata: ObjectMeta & { namespace: string };
  spec: { [field: string]: unknown };
  status?: { ready?: number; conditions?: Partial<Condition>[] };
}

export interface ResourceType {
  apiVersion: string;
  kind: string;
  /** Path of the collection over all namespaces. */
  collection: string;
  /** Path of one object. */
  path(name: string, namespace?: string): string;
}

function resourceType(apiVersion: string, kind: string, plural: string, namespaced: boolean): ResourceType {
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  return {
    apiVersion,
    kind,
    collection: `${root}/${plural}`,
    path: (name, namespace) =>
      (namespaced ? `${root}/namespaces/${encodeURIComponent(namespace ?? '')}` : root) + `/${plural}/${encodeURIComponent(name)}`,
  };
}

const ours = (kind: Kind) => resourceType(API_VERSION, kind, PLURALS[kind], kind === 'Workload');

export const RESOURCES = {
  Pod: resourceType('v1', 'Pod', 'pods', true),
  Node: resourceType('v1', 'Node', 'nodes', false),
  ConfigMap: resourceType('v1', 'ConfigMap', 'configmaps', true),
  Namespace: resourceType('v1', 'Namespace', 'namespaces', false),
  Deployment: resourceType('apps/v1', 'Deployment', 'deployments', true),
  Job: resourceType('batch/v1', 'Job', 'jobs', true),
  NetworkPolicy: resourceType('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', true),
  PolicyReport: resourceType('wgpolicyk8s.io/v1alpha2', 'PolicyReport', 'policyreports', true),
  Lease: resourceType('coordination.k8s.io/v1', 'Lease', 'leases', true),
  EndpointSlice: resourceType('discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices', true),
  EncCluster: ours('EncCluster'),
  Workload: ours('Workload'),
  Agreement: ours('Agreement'),
  BisoPolicy: ours('BisoPolicy'),
  TrafficRule: ours('TrafficRule'),
  PolicyException: ours('PolicyException'),
  Proposal: ours('Proposal'),
  Dispute: ours('Dispute'),
} as const;

/** The same kind in one namespace alone. */
export const within = (namespace: string, { path, ...type }: ResourceType): ResourceType => ({ ...type, path, collection: path('', namespace).replace(/\/$/, '') });

/** namespace/name, or name where there is no namespace. */
export const keyOf = ({ metadata: { namespace, name } }: KubeObject): string => (namespace ? `${namespace}/${name}` : name);

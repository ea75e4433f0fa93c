// Every name this project puts into Kubernetes objects: group, labels, annotations, finalizer, scheduler and field manager.

export const GROUP = 'enc.metanode.io';
export const VERSION = 'v1alpha1';
export const API_VERSION = `${GROUP}/${VERSION}`;

export const KINDS = ['EncCluster', 'Workload', 'Agreement', 'BisoPolicy', 'TrafficRule', 'PolicyException', 'Proposal', 'Dispute'] as const;
export type Kind = (typeof KINDS)[number];
export const PLURALS: Readonly<Record<Kind, string>> = {
  EncCluster: 'encclusters',
  Workload: 'workloads',
  Agreement: 'agreements',
  BisoPolicy: 'bisopolicies',
  TrafficRule: 'trafficrules',
  PolicyException: 'policyexceptions',
  Proposal: 'proposals',
  Dispute: 'disputes',
};

export const LABELS = {
  /** Name of the EncCluster that enforces the pod's namespace. */
  cluster: `${GROUP}/cluster`,
  /** Name of the Workload that owns a pod, Deployment or Job. */
  workload: `${GROUP}/workload`,
  dataClassification: `${GROUP}/data-classification`,
  dataRegion: `${GROUP}/data-region`,
  operationType: `${GROUP}/operation-type`,
  /** Pods of one name in a namespace are placed together or not at all; needs the annotation podGroupSize. */
  podGroup: `${GROUP}/pod-group`,
  /** On a namespace: 'true' puts it under enforcement, where an EncCluster's default selector is used. */
  enforced: `${GROUP}/enforced`,
  /** On a namespace: the party of Agreements whose data is processed there. */
  party: `${GROUP}/party`,
  /** On a node: 'real' where containers really run. */
  nodeRuntime: 'enc.metanode.io/runtime',
  region: 'topology.kubernetes.io/region',
  zone: 'topology.kubernetes.io/zone',
} as const;

/** On a node, by an administrator: where it stands. The API server lets no kubelet set labels of this prefix. */
export const PLACE_LABELS = {
  region: `${GROUP}.node-restriction.kubernetes.io/region`,
  /** Optional. */
  zone: `${GROUP}.node-restriction.kubernetes.io/zone`,
} as const;

/** On pods, written by the operator alone: what it enforces while they run. */
export const RUNTIME_LABELS = {
  /** Region of its node, as the commitment attests it: what NetworkPolicies select by. */
  region: `runtime.${GROUP}/region`,
  /** 'true': its connections are cut. */
  cut: `runtime.${GROUP}/cut`,
  /** uid of the ReplicaSet that makes the pod in its place. */
  moving: `runtime.${GROUP}/moving`,
} as const;

/** Comma-separated lists; on pods. */
export const ANNOTATIONS = {
  destinationRegions: `${GROUP}/destination-regions`,
  regulations: `${GROUP}/regulations`,
  agreements: `${GROUP}/agreements`,
  /** No list: how many pods of the group have to be there before any is placed. */
  podGroupSize: `${GROUP}/pod-group-size`,
} as const;

/** A user in group enc.metanode.io:region:EU receives data in the EU: where exec, attach and port-forward carry a pod's data to. */
export const REGION_GROUP = `${GROUP}:region:`;

/** Held by an object until the chain has finalised its removal. */
export const FINALIZER = `${GROUP}/mainnet`;
export const SCHEDULER_NAME = 'enc-scheduler';
export const FIELD_MANAGER = 'enc-operator';
/** Namespace of the mainnet's own programs. */
export const SYSTEM_NAMESPACE = 'enc-system';
/** Namespaces in which nothing is enforced, by name only. */
export const EXEMPT_NAMESPACES: readonly string[] = ['kube-system', 'kube-public', 'kube-node-lease', SYSTEM_NAMESPACE];

/** Openings of the commitments that stand for persons' names in receipts: deleting one there erases the name. */
export const PERSONAL_NAMESPACE = 'enc-personal';
export const PERSONAL_LABEL = `${GROUP}/personal`;
export const PERSONAL_SECRET_TYPE = `${GROUP}/personal-name`;

export const REGIONS = ['US', 'EU', 'APAC', 'Global'] as const;
export const CLASSIFICATIONS = ['Public', 'Internal', 'Confidential', 'Restricted'] as const;
export const OPERATION_TYPES = ['Process', 'Store', 'Transfer', 'Replicate', 'Analyze'] as const;

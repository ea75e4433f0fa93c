// What the webhooks would ask about the pods that manifests make: pods, everything that has a pod template, and Workloads.
import type { Workload } from '../../../api/index.js';
import { LABELS, SCHEDULER_NAME } from '../../../api/labels.js';
import { enforcingCluster } from '../../../policy/enforcingCluster.js';
import { dataFactsFrom } from '../../../policy/pod/dataFacts.js';
import { podFactsFrom } from '../../../policy/pod/podFacts.js';
import { creationGuards } from '../../../policy/pod/podGuards.js';
import type { PodLike } from '../../../policy/pod/podLike.js';
import { QuantityError } from '../../../policy/pod/quantity.js';
import type { AdmissionFacts, NodeFacts, PodFacts, PolicySet, Violation } from '../../../policy/types.js';
import { guard } from '../../../policy/violation.js';
import { podTemplate } from '../../../operator/workload/podTemplate.js';
import { CliError } from '../../bpci/cliError.js';
import { mustBeValid } from './policiesOf.js';
import type { Manifest } from './readManifests.js';
import { withDefaults } from '../../../api/defaults.js';

export interface Asked {
  file: string;
  object: { kind: string; namespace: string; name: string };
  facts: AdmissionFacts;
}
export interface Surroundings {
  set: PolicySet;
  /** Of objects that name none. */
  namespace: string;
  /** Labels of a namespace; undefined when it is not known, and then it counts as enforced. */
  namespaceLabels: (name: string) => Record<string, string> | undefined;
  /** ms since the epoch. */
  now: number;
}

const TEMPLATED: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'];

/** The pod that an object makes; undefined when it makes none. */
function podOf(manifest: Manifest): PodLike | undefined {
  const spec = (manifest.spec ?? {}) as { template?: PodLike; jobTemplate?: { spec?: { template?: PodLike } } };
  if (manifest.kind === 'Pod') return manifest as PodLike;
  if (manifest.kind === 'Workload') {
    mustBeValid(manifest);
    return podTemplate({ ...manifest, spec: withDefaults('Workload', manifest.spec as never) } as unknown as Workload);
  }
  const template = manifest.kind === 'CronJob' ? spec.jobTemplate?.spec?.template : TEMPLATED.includes(manifest.kind) ? spec.template : undefined;
  if (template === undefined && (manifest.kind === 'CronJob' || TEMPLATED.includes(manifest.kind))) throw new CliError(`${manifest.file}: ${manifest.kind} ${manifest.metadata.name} has no pod template`);
  return template;
}

function readPod(pod: PodLike): { pod: PodFacts | null; guards: Violation[] } {
  try {
    return { pod: podFactsFrom(pod), guards: [] };
  } catch (error) {
    if (error instanceof QuantityError) return { pod: null, guards: [guard('UnreadableRequests', `a container's resources cannot be read: ${error.message}`, 'write resources as Kubernetes quantities')] };
    throw error;
  }
}

/** As the mutating webhook would leave it. */
function scheduled(pod: PodLike): PodLike {
  const { schedulerName } = pod.spec ?? {};
  return schedulerName === undefined || schedulerName === 'default-scheduler' ? { ...pod, spec: { ...pod.spec, schedulerName: SCHEDULER_NAME } } : pod;
}

function questionOf(manifest: Manifest, given: PodLike, { set, namespace: fallback, namespaceLabels, now }: Surroundings): Asked | undefined {
  const namespace = manifest.metadata.namespace ?? fallback;
  const { kind, metadata: { name } } = manifest;
  const known = namespaceLabels(namespace);
  const labels = known ?? { 'kubernetes.io/metadata.name': namespace, [LABELS.enforced]: 'true' };
  const cluster = enforcingCluster(set, { name: namespace, labels }) ?? (known ? null : (set.clusters[0]?.name ?? 'not-registered'));
  if (cluster === null) return undefined;
  const pod = scheduled(given);
  const read = readPod(pod);
  const { data, guards } = dataFactsFrom(pod);
  const object = { kind, namespace, name };
  return {
    file: manifest.file,
    object,
    facts: {
      operation: 'CREATE', time: now, requestUid: 'test', user: '', cluster, namespace: { name: namespace, labels },
      object: { ...object, uid: '', specHash: '' },
      workload: kind === 'Workload' ? { name, uid: '' } : null,
      data, pod: read.pod, guards: [...creationGuards(pod), ...guards, ...read.guards],
    },
  };
}

/** Objects that make no pods, and those of namespaces that nothing enforces, are left out. */
export function questionsOf(manifests: readonly Manifest[], surroundings: Surroundings): Asked[] {
  return manifests.flatMap((manifest) => {
    const pod = podOf(manifest);
    return (pod && questionOf(manifest, pod, surroundings)) ?? [];
  });
}

export const OPERATOR_ANNOTATION = 'enc.metanode.io/operator';

/** Nodes of the files, standing for commitments: region and zone of their labels, the operator of an annotation. */
export function nodesOf(manifests: readonly Manifest[]): NodeFacts[] {
  return manifests.filter(({ kind }) => kind === 'Node').map(({ metadata: { name, labels = {}, annotations = {} } }) => {
    const operator = annotations[OPERATOR_ANNOTATION];
    return { name, region: labels[LABELS.region] ?? '', zone: labels[LABELS.zone] ?? '', labels, ...(operator === undefined ? {} : { operator }) };
  });
}

/** Namespaces that the files define. */
export function namespacesOf(manifests: readonly Manifest[]): Map<string, Record<string, string>> {
  return new Map(manifests.filter(({ kind }) => kind === 'Namespace').map(({ metadata: { name, labels } }) => [name, labels ?? {}]));
}

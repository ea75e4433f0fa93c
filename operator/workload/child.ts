// The Deployment or Job that a Workload owns, as the operator wants it.
import type { Workload } from '../../api/index.js';
import { API_VERSION, LABELS } from '../../api/labels.js';
import { RESOURCES, type KubeObject, type ResourceType } from '../runtime/kubeObject.js';
import { podTemplate } from './podTemplate.js';

/** Tries of a Job's pods before it fails. */
const BACKOFF_LIMIT = 3;

export const childResource = ({ spec }: Workload): ResourceType => RESOURCES[spec.kind];

export function wantedChild(workload: Workload): KubeObject & { spec: Record<string, unknown> } {
  const { name, namespace, uid = '' } = workload.metadata;
  const { kind, replicas } = workload.spec;
  const template = podTemplate(workload);
  return {
    apiVersion: RESOURCES[kind].apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: { [LABELS.workload]: name },
      ownerReferences: [{ apiVersion: API_VERSION, kind: 'Workload', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    spec:
      kind === 'Deployment'
        ? { replicas, selector: { matchLabels: { [LABELS.workload]: name } }, template }
        : { parallelism: replicas, completions: replicas, backoffLimit: BACKOFF_LIMIT, template },
  };
}

export const isOwnedBy = ({ metadata }: KubeObject, { metadata: { uid } }: Workload): boolean =>
  metadata.ownerReferences?.some((owner) => owner.uid === uid) ?? false;

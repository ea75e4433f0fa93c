// The status of a Workload: its state on the ledger, its light, its pods with their decisions, and one sentence why.
import type { ConditionInput } from '../../api/conditions.js';
import type { Workload } from '../../api/index.js';
import { registrationConditions } from '../reconcile/registration.js';
import type { StatusPart } from '../reconcile/resourceReconciler.js';
import type { Pod } from '../runtime/kubeObject.js';
import { NOT_ENFORCED } from './decide.js';
import type { SeenWorkload } from './gather.js';

const MAX_DECISIONS = 100;
const MAX_MESSAGE = 4_096;
const condition = ({ status }: Pod, type: string) => status?.conditions?.find((one) => one.type === type);
const isReady = (pod: Pod) => condition(pod, 'Ready')?.status === 'True';

/** What the API server answered to the pods that could not be created; of a Deployment only, Jobs tell it by events. */
function refusal({ child }: SeenWorkload): string | undefined {
  return child?.status?.conditions?.find(({ type, status }) => type === 'ReplicaFailure' && status === 'True')?.message;
}

function message(seen: SeenWorkload): string {
  const { object, child, childIsOurs, pods, decisions, preview, refused } = seen;
  if (refused) return refused.reason;
  if (child && !childIsOurs)
    return `${object.spec.kind} ${object.metadata.namespace}/${object.metadata.name} belongs to somebody else: rename the Workload, or delete it`;
  const refusedPods = refusal(seen);
  if (refusedPods) return refusedPods;
  const waiting = pods.map((pod) => condition(pod, 'PodScheduled')).find((one) => one?.status === 'False')?.message;
  if (waiting) return waiting;
  if (decisions.length > 0)
    return `placed by consensus: ${decisions
      .slice(0, 10)
      .map(({ pod, node, height }) => `${pod} on ${node} at height ${height}`)
      .join(', ')}${decisions.length > 10 ? `, and ${decisions.length - 10} more` : ''}`;
  return preview ? preview.message : NOT_ENFORCED;
}

function readiness(seen: SeenWorkload, ready: number): ConditionInput {
  const { object, record, preview } = seen;
  const wanted = object.spec.replicas;
  const text = message(seen).slice(0, MAX_MESSAGE);
  if (record?.state === 'Completed') return { type: 'Ready', status: 'True', reason: 'Completed', message: 'it has finished' };
  if (record?.state === 'Failed' || record?.state === 'Slashed')
    return { type: 'Ready', status: 'False', reason: record.state, message: record.reason };
  if (ready >= wanted) return { type: 'Ready', status: 'True', reason: 'Running', message: text };
  if (preview === null) return { type: 'Ready', status: 'False', reason: 'NamespaceNotEnforced', message: text };
  const refused = refusal(seen) !== undefined || preview.decision === 'refuse';
  return { type: 'Ready', status: 'False', reason: refused ? 'RefusedByPolicy' : 'NotEnoughPods', message: text };
}

export function status(seen: SeenWorkload): StatusPart<Workload> {
  const { object, record, refused, pods, decisions, preview } = seen;
  const readyReplicas = pods.filter(isReady).length;
  const [accepted] = registrationConditions({ object, onLedger: record, refused }, '');
  const registered =
    object.metadata.deletionTimestamp === undefined ? [accepted!] : registrationConditions({ object, onLedger: record, refused }, '').slice(1);
  return {
    state: record?.uid === object.metadata.uid ? record!.state : 'Pending',
    ...(preview ? { light: preview.light } : {}),
    message: message(seen).slice(0, MAX_MESSAGE),
    replicas: pods.length,
    readyReplicas,
    decisions: decisions.toSorted((a, b) => b.height - a.height).slice(0, MAX_DECISIONS),
    conditions: [...registered, readiness(seen, readyReplicas)],
  };
}

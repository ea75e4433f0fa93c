// Decides what a Workload needs: its registration, then its Deployment or Job; on deletion its pods gone, then its record (agreement 1.3).
import type { WorkloadState } from '../../chain/types.js';
import { hasFinalizer } from '../runtime/finalizers.js';
import { quiet, transaction, type Plan, type Step } from '../reconcile/plan.js';
import { isInSync, planRegistration } from '../reconcile/registration.js';
import { childResource, wantedChild } from './child.js';
import type { SeenWorkload } from './gather.js';

/** Pods and children tell when they change; this is for what they do not tell. */
const LOOK_AGAIN_MS = 10_000;
/** Its pods would wait for ever: only admitted pods are placed, and nothing is asked of pods in such a namespace. */
export const NOT_ENFORCED = "no EncCluster enforces its namespace: label the namespace as an EncCluster's enforcedNamespaceSelector asks";
const ENDED: readonly WorkloadState[] = ['Completed', 'Failed', 'Slashed'];

/** Where the child shows the workload to be, when that is an end; pods move it to Scheduled and Running on the ledger. */
function ended({ object, child }: SeenWorkload): { to: 'Completed' | 'Failed'; reason: string } | undefined {
  if (object.spec.kind !== 'Job') return undefined;
  const conditions = child?.status?.conditions ?? [];
  const holds = (type: string) => conditions.find((condition) => condition.type === type && condition.status === 'True');
  if (holds('Complete')) return { to: 'Completed', reason: 'the Job is complete' };
  const failed = holds('Failed');
  return failed && { to: 'Failed', reason: `the Job failed: ${failed.reason ?? 'unknown'}` };
}

function transition(seen: SeenWorkload): { steps: Step[]; againMs?: number } {
  const { object, record } = seen;
  const end = ended(seen);
  if (!end || !record || ENDED.includes(record.state)) return { steps: [] };
  // The ledger goes step by step: a Job that completed before its pods were reported is not running yet there.
  if (end.to === 'Completed' && record.state !== 'Running') return { steps: [], againMs: LOOK_AGAIN_MS };
  const { namespace, name, uid = '' } = object.metadata;
  return { steps: [transaction('workload.transition', { namespace, name, uid, ...end })] };
}

function planDeletion({ object, child, childIsOurs, pods }: SeenWorkload): Plan | undefined {
  if (!hasFinalizer(object)) return quiet('it is being deleted and not held by us');
  if (child && childIsOurs && child.metadata.deletionTimestamp === undefined)
    return { steps: [{ do: 'delete', resource: childResource(object), object: child }], why: 'its pods have to go first', againMs: LOOK_AGAIN_MS };
  return pods.length > 0 ? quiet(`waiting for ${pods.length} pods to be gone`, LOOK_AGAIN_MS) : undefined;
}

export function plan(seen: SeenWorkload): Plan {
  const { object, registration, record, refused, child, childIsOurs, childIsApplied, preview } = seen;
  const { namespace, name, uid } = registration;
  const deleting = object.metadata.deletionTimestamp === undefined ? undefined : planDeletion(seen);
  if (deleting) return deleting;
  const registered = planRegistration({
    object,
    onLedger: record,
    refused,
    put: transaction('workload.put', registration),
    remove: transaction('workload.remove', { namespace, name, uid }),
  });
  const refusedNow = refused !== undefined && !isInSync(object, record);
  if (object.metadata.deletionTimestamp !== undefined || refusedNow || record?.state === 'Slashed') return registered;
  if (child && !childIsOurs)
    return quiet(`${object.spec.kind} ${namespace}/${name} belongs to somebody else: rename the Workload, or delete it`, LOOK_AGAIN_MS);
  if (preview === null && !child) return { ...registered, why: NOT_ENFORCED };
  const apply: Step[] = childIsApplied ? [] : [{ do: 'apply', resource: childResource(object), object: wantedChild(object), live: child }];
  const { steps, againMs } = transition(seen);
  return { ...registered, steps: [...registered.steps, ...apply, ...steps], ...(againMs === undefined ? {} : { againMs }) };
}

// Decides what a BisoPolicy or TrafficRule needs to be in force as its spec says, and what its status is.
import type { BisoPolicy, BisoPolicyStatus, TrafficRule } from '../../api/index.js';
import { transaction, type Plan, type TransactionStep } from '../reconcile/plan.js';
import { isInSync, planRegistration, registrationConditions } from '../reconcile/registration.js';
import type { StatusPart } from '../reconcile/resourceReconciler.js';
import type { SeenPolicyObject } from './gather.js';

function transactions(object: BisoPolicy | TrafficRule): { put: TransactionStep; remove: TransactionStep } {
  const { name, uid = '', generation = 0 } = object.metadata;
  const isPolicy = object.kind === 'BisoPolicy';
  return {
    put: isPolicy
      ? transaction('policy.put', { name, uid, generation, spec: object.spec })
      : transaction('rule.put', { name, uid, generation, spec: object.spec }),
    remove: transaction(isPolicy ? 'policy.remove' : 'rule.remove', { name, uid }),
  };
}

export function plan({ object, member, refused }: SeenPolicyObject): Plan {
  return planRegistration({ object, onLedger: member, refused, ...transactions(object) });
}

/** BisoPolicy and TrafficRule have the same status. */
export function status({ object, member, policyHeight, refused }: SeenPolicyObject, present: BisoPolicyStatus): StatusPart<BisoPolicy> {
  const inSync = isInSync(object, member);
  const known = present.hash === member?.hash && present.observedGeneration === object.metadata.generation ? present.policyHeight : undefined;
  const since = known ?? policyHeight;
  const beingDeleted = object.metadata.deletionTimestamp !== undefined && member?.uid === object.metadata.uid;
  return {
    state: inSync || beingDeleted ? 'Active' : refused ? 'Refused' : 'Pending',
    ...(inSync ? { policyHeight: since, hash: member!.hash } : {}),
    conditions: registrationConditions({ object, onLedger: member, refused }, `in force since policy height ${since}`),
  };
}

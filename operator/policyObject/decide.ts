// Decides what a BisoPolicy, TrafficRule or PolicyException needs to be in force as its spec says, and what its status is.
import type { BisoPolicy, BisoPolicyStatus } from '../../api/index.js';
import { transaction, type Plan, type TransactionStep } from '../reconcile/plan.js';
import { isInSync, planRegistration, registrationConditions } from '../reconcile/registration.js';
import type { StatusPart } from '../reconcile/resourceReconciler.js';
import type { PolicyObject, SeenPolicyObject } from './gather.js';

function transactions(object: PolicyObject): { put: TransactionStep; remove: TransactionStep } {
  const { name, uid = '', generation = 0 } = object.metadata;
  const version = { name, uid, generation };
  switch (object.kind) {
    case 'BisoPolicy':
      return { put: transaction('policy.put', { ...version, spec: object.spec }), remove: transaction('policy.remove', { name, uid }) };
    case 'TrafficRule':
      return { put: transaction('rule.put', { ...version, spec: object.spec }), remove: transaction('rule.remove', { name, uid }) };
    case 'PolicyException':
      return { put: transaction('exception.put', { ...version, spec: object.spec }), remove: transaction('exception.remove', { name, uid }) };
  }
}

export function plan({ object, member, refused }: SeenPolicyObject): Plan {
  return planRegistration({ object, onLedger: member, refused, ...transactions(object) });
}

/** They all have the same status. */
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

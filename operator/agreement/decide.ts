// Decides what an Agreement needs: deployed when all parties have signed, ended only by its parties or its terms (agreement 8.2, 11.1).
import { missingSignatures } from '../../api/agreementSubject.js';
import type { ConditionInput } from '../../api/conditions.js';
import type { Agreement } from '../../api/index.js';
import { hasFinalizer } from '../runtime/finalizers.js';
import { transaction, type Plan, type Step } from '../reconcile/plan.js';
import { deletionConditions, isInSync, planRegistration, registrationConditions } from '../reconcile/registration.js';
import type { StatusPart } from '../reconcile/resourceReconciler.js';
import type { SeenAgreement } from './gather.js';

const isDeployed = ({ object, member }: SeenAgreement) => member !== undefined && member.uid === object.metadata.uid;

/** What the ledger keeps of a deployed agreement does not change with its object, except that the generation is noted while it is in force. */
const needsNothing = (seen: SeenAgreement) => isDeployed(seen) && (isInSync(seen.object, seen.member) || seen.member!.state !== 'InForce');

export function plan(seen: SeenAgreement): Plan {
  const { object, member, refused } = seen;
  const { name, uid = '', generation = 0 } = object.metadata;
  const missing = missingSignatures(object.spec);
  if (object.metadata.deletionTimestamp === undefined && (needsNothing(seen) || missing.length > 0)) {
    const hold: Step[] = hasFinalizer(object) ? [] : [{ do: 'addFinalizer' }];
    return {
      steps: hold,
      why: missing.length > 0 && !isDeployed(seen) ? `a draft: ${missing.join(' and ')} must sign` : `on the ledger it is ${member?.state}`,
    };
  }
  return planRegistration({
    object,
    onLedger: member,
    refused,
    put: transaction('agreement.deploy', { name, uid, generation, spec: object.spec }),
    remove: transaction('agreement.terminate', { name, uid, reason: 'the Agreement was deleted from the cluster' }),
  });
}

function conditions(seen: SeenAgreement): ConditionInput[] {
  const { object, hash, member, record, refused } = seen;
  const missing = missingSignatures(object.spec);
  if (!isDeployed(seen) && missing.length > 0) {
    const message = `${missing.join(' and ')} must sign agreement hash ${hash}: kubectl enc agreement sign`;
    return [
      { type: 'Accepted', status: 'False', reason: 'MissingSignatures', message },
      { type: 'Ready', status: 'False', reason: 'Draft', message },
    ];
  }
  if (object.metadata.deletionTimestamp !== undefined) return deletionConditions(member?.state === 'InForce' ? member : undefined, refused);
  if (!isDeployed(seen)) return registrationConditions({ object, onLedger: member, refused }, '');
  const inForce = member!.state === 'InForce';
  return [
    {
      type: 'Accepted',
      status: 'True',
      reason: 'Finalised',
      message: `deployed at height ${record?.height ?? 'unknown'}, signed by ${object.spec.parties.map(({ name }) => name).join(' and ')}`,
    },
    {
      type: 'Ready',
      status: inForce ? 'True' : 'False',
      reason: member!.state!,
      message: inForce ? `in force until ${object.spec.terms.validUntil}` : `it has ended: ${member!.state}`,
    },
  ];
}

export function status(seen: SeenAgreement): StatusPart<Agreement> {
  const { hash, member, record, refused } = seen;
  const state = isDeployed(seen) ? member!.state! : refused ? 'Rejected' : 'Draft';
  return { state, hash, ...(isDeployed(seen) && record ? { height: record.height } : {}), conditions: conditions(seen) };
}

// The decision that all registered kinds share: hold the object, put its newest generation on the ledger, remove it before it is let go.
import type { ConditionInput } from '../../api/conditions.js';
import type { Refused } from '../ledger/refusalMemory.js';
import { hasFinalizer } from '../runtime/finalizers.js';
import type { KubeObject } from '../runtime/kubeObject.js';
import { quiet, type Plan, type Step, type TransactionStep } from './plan.js';

/** A refused transaction is sent again when the policy set changes, or after this time. */
export const REFUSAL_STANDS_MS = 5 * 60_000;

export interface Registration {
  object: KubeObject;
  /** uid and generation as the ledger has them. */
  onLedger: { uid: string; generation: number } | undefined;
  refused: Refused | undefined;
  put: TransactionStep;
  remove: TransactionStep;
}

export const isInSync = ({ metadata }: KubeObject, onLedger: { uid: string; generation: number } | undefined): boolean =>
  onLedger !== undefined && onLedger.uid === metadata.uid && onLedger.generation === metadata.generation;

/** A removal is sent even when the ledger has nothing: a put that timed out may still be on its way, and it stays behind it. */
export function planRegistration({ object, onLedger, refused, put, remove }: Registration): Plan {
  if (object.metadata.deletionTimestamp !== undefined) {
    if (!hasFinalizer(object)) return quiet('it is being deleted and not held by us');
    if (refused) return quiet(`the ledger refuses the removal: ${refused.code}`, REFUSAL_STANDS_MS);
    return { steps: [remove, { do: 'dropFinalizer' }], why: 'it is being deleted' };
  }
  const hold: Step[] = hasFinalizer(object) ? [] : [{ do: 'addFinalizer' }];
  if (isInSync(object, onLedger)) return { steps: hold, why: 'the ledger has this generation' };
  if (refused) return { steps: hold, why: `the ledger refuses this generation: ${refused.code}`, againMs: REFUSAL_STANDS_MS };
  return { steps: [...hold, put], why: 'the ledger does not have this generation' };
}

/** Accepted: the ledger took this generation. Ready: it is in force. */
export function registrationConditions({ object, onLedger, refused }: Omit<Registration, 'put' | 'remove'>, where: string): ConditionInput[] {
  if (object.metadata.deletionTimestamp !== undefined) return deletionConditions(onLedger, refused);
  if (refused) {
    const kept = onLedger && onLedger.uid === object.metadata.uid ? `; generation ${onLedger.generation} stays in force` : '';
    const message = `${refused.reason}${kept}`;
    return [
      { type: 'Accepted', status: 'False', reason: refused.code, message },
      { type: 'Ready', status: 'False', reason: 'Refused', message },
    ];
  }
  if (isInSync(object, onLedger))
    return [
      { type: 'Accepted', status: 'True', reason: 'Finalised', message: `generation ${object.metadata.generation} is on the ledger` },
      { type: 'Ready', status: 'True', reason: 'Active', message: where },
    ];
  return ['Accepted', 'Ready'].map((type) => ({ type, status: 'Unknown' as const, reason: 'Pending', message: 'waiting for the ledger' }));
}

/** While it is being deleted, what is on the ledger stays in force until the ledger lets it go. */
export function deletionConditions(onLedger: Registration['onLedger'], refused: Refused | undefined): ConditionInput[] {
  const message = refused?.reason ?? 'waiting for the ledger';
  return [
    {
      type: 'Ready',
      status: onLedger ? 'True' : 'False',
      reason: 'BeingDeleted',
      message: onLedger ? `generation ${onLedger.generation} is in force until it is removed` : 'it is not on the ledger',
    },
    { type: 'Removed', status: 'False', reason: refused?.code ?? 'Pending', message },
  ];
}

import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../api/labels.js';
import { sample } from '../../api/testing/samples.js';
import { plan, status } from './decide.js';
import type { SeenPolicyObject } from './gather.js';

function seen(
  changes: {
    generation?: number;
    deleting?: boolean;
    held?: boolean;
    onLedger?: [uid: string, generation: number];
    refused?: boolean;
    kind?: 'BisoPolicy' | 'TrafficRule';
  } = {},
): SeenPolicyObject {
  const { generation = 2, deleting, held = true, onLedger, refused, kind = 'BisoPolicy' } = changes;
  const object = sample(kind);
  Object.assign(object.metadata, {
    uid: 'u',
    generation,
    ...(held ? { finalizers: [FINALIZER] } : {}),
    ...(deleting ? { deletionTimestamp: 'now' } : {}),
  });
  return {
    object,
    member: onLedger && { kind, name: object.metadata.name, uid: onLedger[0], generation: onLedger[1], hash: 'h' },
    policyHeight: 7,
    refused: refused ? { generation, policyHeight: 7, code: 'RequiredByAgreement', reason: 'payments requires it' } : undefined,
  };
}
const did = (changes: Parameters<typeof seen>[0]) => plan(seen(changes)).steps.map((step) => (step.do === 'transaction' ? step.type : step.do));

describe('plan', () => {
  it.each([
    ['new: held first, then put', { held: false }, ['addFinalizer', 'policy.put']],
    ['a rule is put as a rule', { kind: 'TrafficRule' as const }, ['rule.put']],
    ['on the ledger as it is: nothing', { onLedger: ['u', 2] as [string, number] }, []],
    ['on the ledger, not held yet', { onLedger: ['u', 2] as [string, number], held: false }, ['addFinalizer']],
    ['an older generation on the ledger', { onLedger: ['u', 1] as [string, number] }, ['policy.put']],
    ['another object of its name on the ledger', { onLedger: ['other', 2] as [string, number] }, ['policy.put']],
    ['refused and nothing changed since', { onLedger: ['u', 1] as [string, number], refused: true }, []],
    [
      'deleted: removed from the ledger before it is let go',
      { deleting: true, onLedger: ['u', 1] as [string, number] },
      ['policy.remove', 'dropFinalizer'],
    ],
    ['deleted before the ledger answered: removed all the same', { deleting: true }, ['policy.remove', 'dropFinalizer']],
    ['deleted, and the ledger refuses', { deleting: true, onLedger: ['u', 1] as [string, number], refused: true }, []],
    ['deleted and held by others only', { deleting: true, held: false }, []],
  ])('%s', (_name, changes, steps) => expect(did(changes)).toEqual(steps));

  it('sends the object itself', () => {
    const { object } = seen();
    expect(plan(seen()).steps).toEqual([
      { do: 'transaction', type: 'policy.put', payload: { name: 'sample-bisopolicy', uid: 'u', generation: 2, spec: object.spec } },
    ]);
  });
});

describe('status', () => {
  const conditionsOf = (changes: Parameters<typeof seen>[0], present = {}) => {
    const { conditions, ...rest } = status(seen(changes), present);
    return { ...rest, conditions: conditions.map(({ type, status: value, reason }) => `${type}=${value}/${reason}`) };
  };
  it.each([
    ['waiting for the ledger', {}, { state: 'Pending', conditions: ['Accepted=Unknown/Pending', 'Ready=Unknown/Pending'] }],
    [
      'in force',
      { onLedger: ['u', 2] as [string, number] },
      { state: 'Active', policyHeight: 7, hash: 'h', conditions: ['Accepted=True/Finalised', 'Ready=True/Active'] },
    ],
    ['refused', { refused: true }, { state: 'Refused', conditions: ['Accepted=False/RequiredByAgreement', 'Ready=False/Refused'] }],
    [
      'being deleted, and kept by an agreement',
      { deleting: true, refused: true, onLedger: ['u', 1] as [string, number] },
      { state: 'Active', conditions: ['Ready=True/BeingDeleted', 'Removed=False/RequiredByAgreement'] },
    ],
  ])('%s', (_name, changes, expected) => expect(conditionsOf(changes)).toEqual(expected));

  it('says which generation stays in force when a newer one is refused', () => {
    const [accepted] = status(seen({ refused: true, onLedger: ['u', 1] }), {}).conditions;
    expect(accepted?.message).toBe('payments requires it; generation 1 stays in force');
  });

  it('keeps the height since which a generation is in force, though the set has changed', () => {
    expect(conditionsOf({ onLedger: ['u', 2] }, { observedGeneration: 2, policyHeight: 3, hash: 'h' })).toMatchObject({ policyHeight: 3 });
  });
});

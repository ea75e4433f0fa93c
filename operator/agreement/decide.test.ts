import { describe, expect, it } from 'vitest';
import { FINALIZER } from '../../api/labels.js';
import { sample } from '../../api/testing/samples.js';
import type { AgreementState } from '../../policy/types.js';
import { plan, status } from './decide.js';
import type { SeenAgreement } from './gather.js';

interface Case {
  signed?: boolean;
  deleting?: boolean;
  onLedger?: { uid?: string; generation?: number; state?: AgreementState };
  refused?: boolean;
}
function seen({ signed = true, deleting, onLedger, refused }: Case): SeenAgreement {
  const object = sample('Agreement');
  Object.assign(object.metadata, { uid: 'u', generation: 3, finalizers: [FINALIZER], ...(deleting ? { deletionTimestamp: 'now' } : {}) });
  if (signed) object.spec.signatures.push({ party: 'processor', signature: 'b'.repeat(128) });
  const { name } = object.metadata;
  return {
    object,
    hash: 'hash',
    member: onLedger && { kind: 'Agreement', name, uid: 'u', generation: 3, hash: 'spec', state: 'InForce', ...onLedger },
    record: onLedger && { agreementId: 'a', version: '1.0', name, state: 'InForce', height: 5, terminatedBy: [] },
    policyHeight: 7,
    refused: refused ? { generation: 3, policyHeight: 7, code: 'NotPermitted', reason: 'only its parties can terminate it' } : undefined,
  };
}
const did = (one: Case) => plan(seen(one)).steps.map((step) => (step.do === 'transaction' ? step.type : step.do));

describe('plan', () => {
  it.each<[string, Case, string[]]>([
    ['a draft waits for signatures', { signed: false }, []],
    ['signed by all: deployed', {}, ['agreement.deploy']],
    ['in force as it is', { onLedger: {} }, []],
    ['in force, at another generation: noted', { onLedger: { generation: 2 } }, ['agreement.deploy']],
    ['ended: nothing can be done', { onLedger: { generation: 2, state: 'Expired' } }, []],
    ['in force as another object: deployed, so that the ledger knows this one', { onLedger: { uid: 'other' } }, ['agreement.deploy']],
    ['refused and nothing changed since', { refused: true }, []],
    ['deleted: the ledger is asked first', { deleting: true, onLedger: { generation: 2 } }, ['agreement.terminate', 'dropFinalizer']],
    ['a deleted draft too', { deleting: true, signed: false }, ['agreement.terminate', 'dropFinalizer']],
    ['deleted in force: held until its parties end it', { deleting: true, onLedger: { generation: 2 }, refused: true }, []],
  ])('%s', (_name, one, steps) => expect(did(one)).toEqual(steps));

  it('names who must sign', () => expect(plan(seen({ signed: false })).why).toBe('a draft: processor must sign'));
});

describe('status', () => {
  it.each<[string, Case, string, string[]]>([
    ['draft', { signed: false }, 'Draft', ['Accepted=False/MissingSignatures', 'Ready=False/Draft']],
    ['sent', {}, 'Draft', ['Accepted=Unknown/Pending', 'Ready=Unknown/Pending']],
    ['in force', { onLedger: {} }, 'InForce', ['Accepted=True/Finalised', 'Ready=True/InForce']],
    ['expired', { onLedger: { state: 'Expired' } }, 'Expired', ['Accepted=True/Finalised', 'Ready=False/Expired']],
    ['refused', { refused: true }, 'Rejected', ['Accepted=False/NotPermitted', 'Ready=False/Refused']],
    ['deleted in force', { deleting: true, onLedger: {}, refused: true }, 'InForce', ['Ready=True/BeingDeleted', 'Removed=False/NotPermitted']],
  ])('%s', (_name, one, state, conditions) => {
    const found = status(seen(one));
    expect([found.state, found.hash]).toEqual([state, 'hash']);
    expect(found.conditions.map(({ type, status: value, reason }) => `${type}=${value}/${reason}`)).toEqual(conditions);
  });

  it('shows the height of deployment, and what to sign', () => {
    expect(status(seen({ onLedger: {} })).height).toBe(5);
    expect(status(seen({ signed: false })).conditions[0]!.message).toBe('processor must sign agreement hash hash: kubectl enc agreement sign');
  });
});

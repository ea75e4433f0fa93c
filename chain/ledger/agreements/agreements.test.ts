import { beforeEach, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../crypto/canonicalJson.js';
import { stateKeys, type AgreementRecord, type Payloads, type PolicySetRecord } from '../../types.js';
import { agreementDeploy, agreementSpec, policyPut, uidOf } from '../testing/samplePayloads.js';
import { TestChain } from '../testing/testChain.js';
import { MAX_MEMBERS, policyPointer } from '../policySet/policySet.js';
import { agreementHash } from './agreementHash.js';

const POLICY = 'geographic-data-sovereignty';
let chain: TestChain;
beforeEach(() => {
  chain = new TestChain();
  chain.run('operator', 'policy.put', policyPut());
});
const deploy = (changes: Partial<Payloads['agreement.deploy']> = {}, name = 'payments') =>
  chain.run('operator', 'agreement.deploy', agreementDeploy(name, changes));
const terminate = (actor: string, uid = uidOf('payments')) => chain.run(actor, 'agreement.terminate', { name: 'payments', uid, reason: 'end' });
const editPolicy = (generation = 2) =>
  chain.run('operator', 'policy.put', policyPut(POLICY, { generation, spec: { ...policyPut().spec, description: `edit ${generation}` } }));
const removePolicy = () => chain.run('operator', 'policy.remove', { name: POLICY, uid: uidOf(POLICY) });
const stateOf = (name = 'payments') =>
  chain
    .record<PolicySetRecord>(stateKeys.policySet(policyPointer(chain.state).policyHeight))!
    .members.find((member) => member.kind === 'Agreement' && member.name === name)?.state;
const until = (ms: number) => ({ ...agreementSpec().terms, validUntil: new Date(ms).toISOString() });

describe('agreement.deploy', () => {
  it('puts an agreement that all parties signed in force', () => {
    const hash = agreementHash(agreementSpec());
    expect(deploy()).toMatchObject({ outcome: 'applied', code: 'Deployed', details: { hash }, object: { kind: 'Agreement', name: 'payments' } });
    expect(stateOf()).toBe('InForce');
    expect(chain.record<AgreementRecord>(stateKeys.agreement(hash))).toEqual({
      agreementId: 'payments-processing',
      version: '1.0',
      name: 'payments',
      state: 'InForce',
      height: chain.header.height,
      terminatedBy: [],
    });
  });

  it('may be sent by a party, and not by a webhook', () => {
    expect(chain.run('bank', 'agreement.deploy', agreementDeploy())).toMatchObject({ outcome: 'applied' });
    expect(chain.run('webhook', 'agreement.deploy', agreementDeploy())).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
  });

  const refused: [name: string, spec: () => ReturnType<typeof agreementSpec>, code: string, says: string][] = [
    ["one party's signature", () => agreementSpec({}, ['bank']), 'MissingSignature', 'processor'],
    ['no signature', () => agreementSpec({}, []), 'MissingSignature', 'bank, processor'],
    ['signatures over other terms', () => ({ ...agreementSpec(), courtId: 'another-court' }), 'BadPartySignature', 'bank'],
    [
      'signatures exchanged',
      () => {
        const spec = agreementSpec();
        const [a, b] = spec.signatures;
        return {
          ...spec,
          signatures: [
            { ...a!, signature: b!.signature },
            { ...b!, signature: a!.signature },
          ],
        };
      },
      'BadPartySignature',
      'bank',
    ],
    [
      'a party twice',
      () => agreementSpec({ parties: [agreementSpec().parties[0]!, agreementSpec().parties[0]!] }, ['bank']),
      'InvalidSpec',
      'parties',
    ],
    [
      'an end before its begin',
      () => agreementSpec({ terms: { ...agreementSpec().terms, validUntil: '2024-01-01T00:00:00Z' } }),
      'InvalidSpec',
      'validUntil',
    ],
    ['an end that has passed', () => agreementSpec({ terms: until(chain.header.timestamp) }), 'AgreementEnded', 'validUntil'],
    [
      'an end that never comes',
      () => agreementSpec({ terms: { ...agreementSpec().terms, validUntil: '2030-06-30T23:59:60Z' } }),
      'InvalidSpec',
      '23:59:60',
    ],
    [
      'a required policy that is not there',
      () => agreementSpec({ terms: { ...agreementSpec().terms, requiredPolicies: [POLICY, 'absent'] } }),
      'UnknownPolicy',
      'absent',
    ],
  ];
  it.each(refused)('refuses %s', (_name, spec, code, says) => {
    const result = deploy({ spec: spec() });
    expect(result).toMatchObject({ outcome: 'refused', code });
    expect(result.reason).toContain(says);
    expect(stateOf()).toBeUndefined();
  });

  it('never changes terms: a successor has a name and a version of its own', () => {
    deploy();
    const terms = { ...agreementSpec().terms, purpose: 'Something else.' };
    expect(deploy({ generation: 2, spec: agreementSpec({ terms, version: '2.0' }) })).toMatchObject({ outcome: 'refused', code: 'Immutable' });
    expect(deploy({ spec: agreementSpec({ terms }) }, 'successor')).toMatchObject({ outcome: 'refused', code: 'Exists' });
    expect(deploy({}, 'copy')).toMatchObject({ outcome: 'refused', code: 'Exists' });
    expect(deploy({ spec: agreementSpec({ terms, version: '2.0' }) }, 'successor')).toMatchObject({ outcome: 'applied', code: 'Deployed' });
  });

  it('leaves nothing behind when the policy set is full', () => {
    const key = stateKeys.policySet(policyPointer(chain.state).policyHeight);
    const [member] = chain.record<PolicySetRecord>(key)!.members;
    const members = [member!, ...Array.from({ length: MAX_MEMBERS - 1 }, (_, i) => ({ ...member!, name: `policy-${i}` }))];
    chain.state.apply([[key, canonicalJson({ ...chain.record<PolicySetRecord>(key)!, members })]]);
    expect(deploy()).toMatchObject({ outcome: 'refused', code: 'LimitReached' });
    expect([...chain.state.list('agreement/')]).toEqual([]);
    expect(editPolicy()).toMatchObject({ code: 'Updated' });
  });

  it('knows the agreement again when its object was made anew', () => {
    deploy();
    expect(deploy()).toMatchObject({ outcome: 'applied', code: 'Unchanged' });
    expect(deploy({ uid: 'new-uid' })).toMatchObject({ outcome: 'applied', code: 'Unchanged' });
    expect(terminate('bank', 'new-uid')).toMatchObject({ code: 'TerminationAsked' });
  });
});

describe('a policy that an agreement in force requires', () => {
  it('can be neither changed nor removed, but applied again as it is', () => {
    deploy();
    const refusal = editPolicy();
    expect(refusal).toMatchObject({ outcome: 'refused', code: 'RequiredByAgreement' });
    expect(refusal.reason).toContain('payments');
    expect(removePolicy()).toMatchObject({ outcome: 'refused', code: 'RequiredByAgreement' });
    expect(chain.run('operator', 'policy.put', policyPut(POLICY, { generation: 3 }))).toMatchObject({ outcome: 'applied', code: 'Updated' });
  });

  it('is pinned within the same block', () => {
    const { results } = chain.commit([
      chain.sign('operator', 'agreement.deploy', agreementDeploy()),
      chain.sign('operator', 'policy.remove', { name: POLICY, uid: uidOf(POLICY) }),
    ]);
    expect(results.map(({ code }) => code)).toEqual(['Deployed', 'RequiredByAgreement']);
  });

  it('is free when the agreement has ended, by time or by its parties', () => {
    deploy({ spec: agreementSpec({ terms: until(chain.header.timestamp + 10_000) }) });
    expect(
      chain.commit(
        [chain.sign('operator', 'policy.put', policyPut(POLICY, { generation: 2, spec: { ...policyPut().spec, description: 'x' } }))],
        chain.header.timestamp + 10_000,
      ).results[0],
    ).toMatchObject({ code: 'Updated' });
    deploy({ spec: agreementSpec({ version: '2.0' }) }, 'second');
    expect(editPolicy(3)).toMatchObject({ code: 'RequiredByAgreement' });
    for (const party of ['bank', 'processor']) chain.run(party, 'agreement.terminate', { name: 'second', uid: uidOf('second'), reason: '' });
    expect(editPolicy(3)).toMatchObject({ code: 'Updated' });
  });
});

describe('the end of an agreement', () => {
  it('comes with the first block at or after validUntil, and makes a new policy set', () => {
    deploy({ spec: agreementSpec({ terms: until(chain.header.timestamp + 10_000) }) });
    const end = chain.header.timestamp - 1_000 + 10_000;
    chain.commit([], end - 1);
    expect(stateOf()).toBe('InForce');
    chain.commit([], end);
    expect(stateOf()).toBe('Expired');
    expect(policyPointer(chain.state).policyHeight).toBe(chain.header.height);
    chain.commit([], end + 1);
    expect(policyPointer(chain.state).policyHeight).toBe(chain.header.height - 1);
  });

  it('takes all parties, each with its own key; nobody else can ask', () => {
    deploy();
    expect(terminate('operator')).toMatchObject({ outcome: 'refused', code: 'NotPermitted' });
    expect(terminate('bank')).toMatchObject({ outcome: 'applied', code: 'TerminationAsked', details: { open: ['processor'] } });
    expect(terminate('bank')).toMatchObject({ code: 'TerminationAsked' });
    expect(stateOf()).toBe('InForce');
    expect(terminate('processor')).toMatchObject({ outcome: 'applied', code: 'Terminated' });
    expect(stateOf()).toBe('Terminated');
  });

  it('is final: the same agreement cannot be deployed again, and its object can be removed', () => {
    deploy();
    terminate('bank');
    terminate('processor');
    expect(deploy({ uid: 'new-uid' })).toMatchObject({ outcome: 'refused', code: 'AgreementEnded' });
    expect(terminate('operator')).toMatchObject({ outcome: 'applied', code: 'Removed' });
    expect(stateOf()).toBeUndefined();
    expect(terminate('operator')).toMatchObject({ outcome: 'applied', code: 'Absent' });
    expect(deploy({ uid: 'new-uid' }, 'other-name')).toMatchObject({ outcome: 'refused', code: 'AgreementEnded' });
  });
});

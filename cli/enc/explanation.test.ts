import { describe, expect, it } from 'vitest';
import type { SchedulingDecision, WaitingRecord } from '../../chain/types.js';
import { testBundles, testFacts } from '../../receipts/testing/testReceipts.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import type { OperationFacts } from '../../receipts/write/buildStatement.js';
import { explain, explanationText, type Known } from './explanation.js';
import { mustVerify } from './readReceipts.js';

const validators = testValidators(4);
const trust = { chainId: 'enc-test', validatorSet: validators.set };
const object = { kind: 'Pod', namespace: 'shop', name: 'cart-0' };
const read = (...facts: Partial<OperationFacts>[]) => testBundles(validators, facts.map((changes, index) => testFacts(index, { object: { ...object, uid: 'uid-0' }, ...changes }))).map((bundle) => mustVerify(bundle, trust));

const violation = { kind: 'BisoPolicy', name: 'sovereignty', rule: 'stays', clause: 'Data stays.', regulation: 'GDPR Art. 44', message: 'its node would be in US', cure: 'pin it to EU', action: 'reject_workload' };
const verdict = (decision: 'allow' | 'refuse', more: object = {}) => ({
  operationType: 'admission.verdict',
  outcome: decision === 'allow' ? 'allowed' : 'refused',
  details: { light: decision === 'allow' ? 'Yellow' : 'Red', decision, policyHeight: 5, operation: 'CREATE', user: 'u', violations: decision === 'refuse' ? [violation] : [], obligations: decision === 'allow' ? [{ type: 'notify', parameters: { to: 'dpo' }, rule: 'eu-us' }] : [], ...more },
}) as Partial<OperationFacts>;
const nodes = [{ node: 'eu-1', filter: '', reason: '', score: 700 }, { node: 'us-1', filter: 'policy', reason: 'sovereignty/stays', score: null }];
const decision = { targetNode: 'eu-1', height: 7, state: 'Running', policyHeight: 5, explanation: { message: 'placed on eu-1 (score 700)', nodes } } as unknown as SchedulingDecision;
const waiting = { height: 7, attempt: 3, explanation: { message: 'waiting: 2 EU nodes lack memory', nodes } } as unknown as WaitingRecord;
const textOf = (known: Omit<Known, 'object'>) => explanationText(explain({ object, ...known }));

describe('explain', () => {
  it.each<[string, Omit<Known, 'object'>, RegExp[]]>([
    [
      'why a placed pod is where it is, with the certificate of its block',
      { receipts: read({ operationType: 'placement.request', outcome: 'applied', code: 'Placed' }, verdict('allow')), decision },
      [/^Pod shop\/cart-0 is Running on node eu-1, decided in block 7/, /certificate +block 7 .*3 of 4 \(3 needed\): validator-0/, /eu-1 +feasible +700/, /us-1 +excluded by policy +- +sovereignty\/stays/, /obligation +notify to=dpo \(eu-us\)/],
    ],
    [
      'why a pod was refused: policy, rule, clause, regulation and cure',
      { receipts: read(verdict('refuse')) },
      [/^Pod shop\/cart-0 was refused in block 7/, /verdict +refuse, Red \(CREATE, block 7, policies of block 5\)/, /violation +.*sovereignty\/stays/, /GDPR Art. 44/, /Data stays\./, /pin it to EU/],
    ],
    ['why a pod waits', { receipts: read(verdict('allow')), waiting }, [/^Pod shop\/cart-0 is not placed: waiting: 2 EU nodes lack memory/, /waiting +.*\(attempt 3, block 7\)/]],
    ['what came of anything else', { receipts: read({ operationType: 'node.commit', outcome: 'applied', code: 'Committed', reason: 'committed', details: undefined }) }, [/: applied \(Committed\) in block 7: committed/]],
    ['that nothing is known', { receipts: [] }, [/^the chain has no receipt about Pod shop\/cart-0$/]],
    ['that there is more', { receipts: read(...Array.from({ length: 10 }, () => verdict('allow'))) }, [/and 2 older/]],
  ])('says %s', (_name, known, expected) => {
    for (const pattern of expected) expect(textOf(known)).toMatch(pattern);
  });

  it('prefers the placement to an older wait', () => {
    expect(explain({ object, receipts: [], decision, waiting })).not.toHaveProperty('waiting');
  });
});

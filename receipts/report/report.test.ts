// A report says what the receipts show and nothing else, in OSCAL's form, the same each time, with every statement on its receipts.
import { describe, expect, it } from 'vitest';
import { buildStatement } from '../write/buildStatement.js';
import { testFacts } from '../testing/testReceipts.js';
import type { OperationFacts } from '../write/buildStatement.js';
import { complianceFindings } from './findings.js';
import { htmlReport } from './html.js';
import { nameUuid, oscalReport } from './oscal.js';
import { receiptFile, type ReportHeader } from './reportHeader.js';
import { oscalFault } from './testing/oscalShape.js';

const receipt = (index: number, changes: Partial<OperationFacts>) => buildStatement(testFacts(index, changes)).statement.predicate;
const verdict = (index: number, outcome: 'allowed' | 'refused', details: object, changes: Partial<OperationFacts> = {}) =>
  receipt(index, { outcome, code: outcome, details: { operation: 'CREATE', violations: [], ...details }, ...changes });
const violation = { kind: 'BisoPolicy', name: 'eu-only', rule: 'stays', regulation: 'GDPR Art. 44' };
const allowed = verdict(0, 'allowed', {});
const refused = verdict(1, 'refused', { violations: [violation, { ...violation, rule: 'other' }] });
const placed = receipt(2, { operationType: 'placement.request', outcome: 'applied', code: 'Placed', details: { node: 'eu-1' } });
const byHand = verdict(3, 'refused', { operation: 'BIND' }, { object: { kind: 'Binding', namespace: 'shop', name: 'cart-0' } });
const moved = receipt(4, { operationType: 'reconcile.report', outcome: 'applied', code: 'Reconciled', reason: 'BisoPolicy/eu-only/stays: its node is in US', details: {} });
const stray = receipt(5, { operationType: 'reconcile.report', outcome: 'applied', code: 'Reconciled', reason: 'Guard/NotCertified: pod shop/x runs on us-1 without a certified decision', details: {} });
const excepted = verdict(6, 'allowed', { exceptions: [{ name: 'lab', policy: 'eu-only', approvers: [] }] });
const all = [allowed, refused, placed, byHand];
const terms = { name: 'payments', hash: 'ab'.repeat(32), state: 'InForce', requiredPolicies: ['eu-only', 'encrypted'], regulations: ['GDPR'] };
const header: ReportHeader = { chainId: 'enc-test', namespace: 'shop', from: 1_790_000_000_000, to: 1_790_000_100_000, height: 9, headerHash: 'cd'.repeat(32), receipts: 4, agreement: terms };
const stateOf = (findings: ReturnType<typeof complianceFindings>) => Object.fromEntries(findings.map(({ id, state }) => [id, state]));

describe('complianceFindings', () => {
  it.each<[string, Parameters<typeof complianceFindings>, Record<string, string>]>([
    ['refusals keep a policy', [all], { 'certified-admission': 'satisfied', 'certified-placement': 'satisfied', 'policy-eu-only': 'satisfied' }],
    ['what an agreement requires is reported on, seen or not', [[], terms], { 'certified-admission': 'satisfied', 'certified-placement': 'satisfied', 'policy-encrypted': 'satisfied', 'policy-eu-only': 'satisfied' }],
    ['a pod that had to be moved', [[...all, moved]], { 'certified-admission': 'satisfied', 'certified-placement': 'satisfied', 'policy-eu-only': 'not-satisfied' }],
    ['a pod without a decision', [[allowed, stray]], { 'certified-admission': 'not-satisfied', 'certified-placement': 'satisfied' }],
    ['an exception', [[excepted]], { 'certified-admission': 'satisfied', 'certified-placement': 'satisfied', exceptions: 'satisfied' }],
  ])('%s', (_what, [predicates, agreement], states) => expect(stateOf(complianceFindings(predicates, agreement))).toEqual(states));

  it('rests each finding on its receipts, each once', () => {
    const ids = Object.fromEntries(complianceFindings([...all, moved]).map(({ id, evidence }) => [id, evidence.map(({ index }) => index)]));
    expect(ids).toEqual({ 'certified-admission': [0, 1], 'certified-placement': [2, 3], 'policy-eu-only': [1, 4] });
  });
});

describe('oscalReport', () => {
  it.each([
    ['of a period with receipts', [...all, moved, excepted], terms],
    ['of an empty period without an agreement', [], undefined],
  ])('has the form of OSCAL assessment results, %s', (_what, predicates, agreement) => {
    const { agreement: _, ...bare } = header;
    expect(oscalFault(oscalReport(agreement ? header : bare, complianceFindings(predicates, agreement)))).toBeUndefined();
  });

  it('is the same each time, and another one for another period', () => {
    const write = (changes: Partial<ReportHeader> = {}) => JSON.stringify(oscalReport({ ...header, ...changes }, complianceFindings(all, terms)));
    expect(write()).toBe(write());
    expect(write({ to: header.to + 1 })).not.toBe(write());
    expect(nameUuid('a', 'b')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is found out by the check of its form when it is not', () => {
    const report = oscalReport(header, complianceFindings(all));
    delete (report['assessment-results'] as Record<string, unknown>)['import-ap'];
    expect(oscalFault(report)).toMatch(/import-ap/);
  });
});

describe('htmlReport', () => {
  it('links every receipt and escapes what others wrote', () => {
    const evil = verdict(7, 'refused', { violations: [violation] }, { reason: '<script>alert(1)</script>' });
    const page = htmlReport({ ...header, namespace: '"><img src=x>' }, complianceFindings([...all, evil]));
    for (const { receiptId } of [...all, evil]) expect(page).toContain(`href="${receiptFile(receiptId)}"`);
    expect(page).not.toMatch(/<script|<img/);
  });
});

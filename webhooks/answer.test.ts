// Every question gets an answer with a receipt, or a refusal that says who could not decide; nothing slips through a fault.
import { describe, expect, it } from 'vitest';
import { LABELS } from '../api/labels.js';
import { ChainError } from '../chain/client/chainError.js';
import { answerMutating, answerValidating } from './answer.js';
import { PersonalNames } from './personal/personalNames.js';
import { policySet, sovereigntySpec, testContext, testPod, testRequest } from './testing/samples.js';

const internal = testPod({
  metadata: {
    name: 'cart',
    uid: 'u',
    labels: { [LABELS.dataClassification]: 'Internal', [LABELS.dataRegion]: 'EU' },
    annotations: { 'enc.metanode.io/destination-regions': 'US' },
  },
});
const pinnedTo = (region: string) =>
  testPod({ spec: { schedulerName: 'enc-scheduler', nodeSelector: { [LABELS.region]: region }, containers: [{ name: 'main', image: 'demo:1' }] } });

describe('answerValidating', () => {
  it('allows with a receipt, and tells the audit log by which policies', async () => {
    const context = testContext();
    const answered = await answerValidating(testRequest({ object: pinnedTo('EU') }), context);
    const [{ receiptId, facts, verdict }] = context.client.verdicts as [(typeof context.client.verdicts)[number]];
    expect(answered).toMatchObject({ decision: 'allowed', code: 'Green', receiptId, answer: { allowed: true, warnings: [] } });
    expect(answered.answer.auditAnnotations).toEqual({
      verdict: 'allow',
      light: 'Green',
      policies: 'BisoPolicy/sovereignty',
      'receipt-id': receiptId,
      'policy-height': '5',
    });
    expect(facts).toMatchObject({
      operation: 'CREATE',
      user: expect.stringMatching(/^person:[0-9a-f]{64}$/) as string,
      cluster: 'eu-cluster',
      object: { kind: 'Pod', name: 'cart', uid: 'pod-uid' },
      guards: [],
    });
    expect(verdict.allowedRegions).toEqual(['EU']);
  });

  it('warns of Yellow obligations, with the receipt', async () => {
    const { answer, code } = await answerValidating(testRequest({ object: internal }), testContext());
    expect(code).toBe('Yellow');
    expect(answer.warnings).toEqual([
      expect.stringMatching(/^Yellow, rule eu-to-us: encrypt algorithm=/),
      expect.stringMatching(/^receipt [0-9a-f]{64}$/),
    ]);
  });

  it('refuses with policy, rule, clause, regulation, cure and receipt', async () => {
    const context = testContext();
    const { answer, decision, code } = await answerValidating(testRequest({ object: pinnedTo('US') }), context);
    expect({ decision, code, status: answer.status, allowed: answer.allowed }).toEqual({
      decision: 'refused',
      code: 'RefusedByPolicy',
      status: 403,
      allowed: false,
    });
    for (const part of [
      'BisoPolicy sovereignty/stays',
      'GDPR Art. 44',
      '"Chapter V applies."',
      'pin it to the EU',
      `(receipt ${context.client.verdicts[0]!.receiptId})`,
    ])
      expect(answer.message).toContain(part);
  });

  it('submits nothing for a dry run, and says so', async () => {
    const context = testContext();
    const allowed = await answerValidating(testRequest({ dryRun: true, object: pinnedTo('EU') }), context);
    const refused = await answerValidating(testRequest({ dryRun: true, object: pinnedTo('US') }), context);
    expect([allowed.answer.allowed, refused.answer.allowed]).toEqual([true, false]);
    expect(refused.answer.message).toContain('(dry run: no receipt)');
    expect(allowed.answer.auditAnnotations['receipt-id']).toBe('none (dry run)');
    expect(context.client.verdicts).toEqual([]);
  });

  it('is not concerned with a namespace that nobody enforces, and not even asks about an exempt one', async () => {
    expect(await answerValidating(testRequest({ namespace: 'free' }), testContext())).toMatchObject({
      decision: 'not-concerned',
      answer: { allowed: true },
    });
    expect(await answerValidating(testRequest({ namespace: 'kube-system' }), testContext())).toMatchObject({ decision: 'not-concerned' });
  });

  it.each<[string, unknown, string, number, RegExp]>([
    [
      'validators do not answer',
      new ChainError('Unreachable', 'acknowledged by 1, 2 are needed; without a usable answer: http://v3 (ECONNREFUSED)'),
      'Unreachable',
      503,
      /http:\/\/v3 \(ECONNREFUSED\)/,
    ],
    [
      'validators refuse to take it',
      new ChainError('Refused', 'validators refused', { refusal: { code: 'InsufficientFunds', message: 'balance 0' } }),
      'InsufficientFunds',
      503,
      /validators/,
    ],
    [
      'the facts cannot be recorded',
      new ChainError('Refused', 'validators refused', { refusal: { code: 'Malformed', message: 'facts.user is too long' } }),
      'Malformed',
      422,
      /facts.user/,
    ],
    ['the client is not started', new ChainError('NotStarted', 'no block yet'), 'NotStarted', 503, /has just started and has not read the policies in force yet; try again in a moment/],
    ['something unforeseen happens', new TypeError('secret detail'), 'InternalError', 500, /error [0-9a-f-]{36}/],
    ['something that is no error is thrown', 'oops', 'InternalError', 500, /error/],
  ])('refuses when %s', async (_name, thrown, code, status, message) => {
    const context = testContext();
    context.client.failures.push(thrown);
    const { answer, ...rest } = await answerValidating(testRequest({ object: pinnedTo('EU') }), context);
    expect(rest).toMatchObject({ decision: 'failed', code });
    expect(answer).toMatchObject({ allowed: false, status, message: expect.stringMatching(message) as string });
    expect(answer.message).not.toContain('secret');
  });

  describe('where persons\' names cannot be kept', () => {
    const lost = () => ({ ...testContext(), persons: new PersonalNames({ keep: () => Promise.reject(new Error('namespaces "enc-personal" not found')) }) });

    it('refuses what needs a receipt of a person, and says what to do', async () => {
      const { answer, code } = await answerValidating(testRequest({ object: pinnedTo('EU') }), lost());
      expect([code, answer]).toMatchObject(['NameNotKept', { allowed: false, status: 503, message: expect.stringMatching(/namespace enc-personal: .*helm upgrade/) as string }]);
    });
    it.each([
      ['programs', { object: pinnedTo('EU'), user: 'system:serviceaccount:kube-system:replicaset-controller' }],
      ['what is tried', { object: pinnedTo('EU'), dryRun: true }],
      ['what nothing enforces, as making that namespace again', { resource: { group: '', version: 'v1', resource: 'namespaces' }, namespace: '', name: 'enc-personal', object: { metadata: { name: 'enc-personal' } } as never }],
    ])('lets %s go on', async (_, request) => {
      expect((await answerValidating(testRequest(request), lost())).answer.allowed).toBe(true);
    });
  });

  it('keeps no name of who asks for what leaves no receipt', async () => {
    const kept: unknown[] = [];
    const context = { ...testContext(), persons: new PersonalNames({ keep: (opening) => (kept.push(opening), Promise.resolve()) }) };
    await answerValidating(testRequest({ namespace: 'free' }), context);
    expect(kept).toEqual([]);
    await answerValidating(testRequest({ object: pinnedTo('EU') }), context);
    expect(kept).toHaveLength(1);
  });

  it('refuses when the namespace cannot be read', async () => {
    expect(await answerValidating(testRequest({ namespace: 'unknown' }), testContext())).toMatchObject({
      decision: 'failed',
      answer: { allowed: false },
    });
  });

  it('refuses what it was never asked to check', async () => {
    const request = testRequest({ resource: { group: 'apps', version: 'v1', resource: 'deployments' } });
    expect(await answerValidating(request, testContext())).toMatchObject({ code: 'NotRegistered', answer: { allowed: false } });
  });

  it('asks once more, by the policies of now, when they changed under the question', async () => {
    const context = testContext();
    const stricter = policySet({
      policyHeight: 9,
      policies: [
        {
          name: 'sovereignty',
          uid: 'u',
          generation: 2,
          spec: { ...sovereigntySpec, rules: [{ ...sovereigntySpec.rules[0]!, requirement: { regions: ['APAC'] } }] },
        },
      ],
    });
    context.client.validatorsPolicies = stricter;
    setTimeout(() => (context.client.policies = stricter), 30);
    const { answer } = await answerValidating(testRequest({ object: pinnedTo('EU') }), context);
    expect(answer).toMatchObject({ allowed: false, auditAnnotations: { 'policy-height': '9' } });
    expect(context.client.verdicts).toHaveLength(1);
  });

  it('asks no more than once more', async () => {
    const context = testContext();
    const race = () => new ChainError('Refused', 'validators refused', { refusal: { code: 'StalePolicyHeight', message: 'replaced' } });
    context.client.failures.push(race(), race());
    setTimeout(() => (context.client.policies = policySet({ policyHeight: 6 })), 10);
    expect(await answerValidating(testRequest(), context)).toMatchObject({ decision: 'failed', code: 'StalePolicyHeight' });
    expect(context.client.failures).toEqual([]);
  });
});

describe('answerMutating', () => {
  it('patches pods of enforced namespaces, and leaves others alone', async () => {
    const bare = { metadata: { name: 'cart' }, spec: { containers: [] } };
    const { answer } = await answerMutating(testRequest({ object: bare }), testContext());
    expect(answer.patch).toEqual([
      { op: 'add', path: '/spec/schedulerName', value: 'enc-scheduler' },
      { op: 'add', path: '/metadata/labels', value: { [LABELS.cluster]: 'eu-cluster' } },
    ]);
    expect((await answerMutating(testRequest({ object: bare, namespace: 'free' }), testContext())).answer.patch).toEqual([]);
  });

  it('refuses when it cannot tell', async () => {
    expect((await answerMutating(testRequest({ namespace: 'unknown' }), testContext())).answer).toMatchObject({ allowed: false, status: 500 });
  });
});

// Reviews are read strictly and answered completely; nothing that is sent here crashes the reader.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReview, ReviewError, writeReview } from './review.js';

const request = {
  uid: 'u1',
  kind: { group: '', version: 'v1', kind: 'Pod' },
  resource: { group: '', version: 'v1', resource: 'pods' },
  name: 'cart',
  namespace: 'payments',
  operation: 'CREATE',
  userInfo: { username: 'alice' },
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'cart', labels: { a: 'b' } }, spec: {} },
  oldObject: null,
  dryRun: false,
};
const review = (changes: object = {}) => ({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { ...request, ...changes } });

describe('readReview', () => {
  it('reads what the API server sends', () => {
    expect(readReview(review())).toMatchObject({
      uid: 'u1',
      subResource: '',
      user: 'alice',
      operation: 'CREATE',
      dryRun: false,
      object: { metadata: { labels: { a: 'b' } } },
      oldObject: null,
    });
    expect(readReview(review({ dryRun: true, operation: 'DELETE', object: undefined }))).toMatchObject({ dryRun: true, object: null });
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the body'],
    ['a list', [], 'the body'],
    ['another kind', { kind: 'Pod' }, 'apiVersion and kind'],
    ['the beta version', { ...review(), apiVersion: 'admission.k8s.io/v1beta1' }, 'apiVersion and kind'],
    ['no request', { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' }, 'request'],
    ['no uid', review({ uid: undefined }), 'request.uid'],
    ['an empty uid', review({ uid: '' }), 'request.uid'],
    ['an unknown operation', review({ operation: 'PATCH' }), 'request.operation'],
    ['no user', review({ userInfo: undefined }), 'request.userInfo'],
    ['no resource', review({ resource: { group: '' } }), 'request.resource.resource'],
    ['labels that are no strings', review({ object: { metadata: { labels: { a: 1 } } } }), 'request.object.metadata.labels.a'],
    ['annotations that are a list', review({ object: { metadata: { annotations: [] } } }), 'request.object.metadata.annotations'],
    ['metadata that is text', review({ oldObject: { metadata: 'x' } }), 'request.oldObject.metadata'],
    ['a spec that is a list', review({ object: { spec: [] } }), 'request.object.spec'],
    ['an object that is a number', review({ object: 7 }), 'request.object'],
  ])('refuses %s, naming where', (_name, body, where) => {
    expect(() => readReview(body)).toThrow(
      expect.objectContaining({ code: 'MalformedReview', message: expect.stringMatching(`^${where} must be`) as string }),
    );
  });

  it('throws nothing but ReviewError', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom(...Object.keys(request)), (value, member) => {
        for (const body of [value, review({ [member]: value }), { ...review(), request: value }]) {
          try {
            readReview(body);
          } catch (error) {
            expect(error).toBeInstanceOf(ReviewError);
          }
        }
      }),
    );
  });
});

describe('writeReview', () => {
  const quiet = { message: '', status: 403 as const, warnings: [], auditAnnotations: {} };
  it.each([
    ['an allowed request', { ...quiet, allowed: true }, { uid: 'u1', allowed: true }],
    [
      'a refusal',
      { ...quiet, allowed: false, message: 'no' },
      { uid: 'u1', allowed: false, status: { code: 403, reason: 'Forbidden', message: 'no' } },
    ],
    [
      'no quorum',
      { ...quiet, allowed: false, message: 'no', status: 503 as const },
      { uid: 'u1', allowed: false, status: { code: 503, reason: 'ServiceUnavailable', message: 'no' } },
    ],
    [
      'warnings, cut to what the API server takes',
      { ...quiet, allowed: true, warnings: ['w'.repeat(300)] },
      { uid: 'u1', allowed: true, warnings: [`${'w'.repeat(255)}…`] },
    ],
    [
      'a patch',
      { ...quiet, allowed: true, patch: [{ op: 'add' }] },
      { uid: 'u1', allowed: true, patchType: 'JSONPatch', patch: Buffer.from('[{"op":"add"}]').toString('base64') },
    ],
    ['an empty patch', { ...quiet, allowed: true, patch: [] }, { uid: 'u1', allowed: true }],
  ])('answers %s', (_name, answer, response) => {
    expect(writeReview('u1', answer)).toEqual({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
  });
});

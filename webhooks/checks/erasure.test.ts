// The erasure of a name is a verdict about its commitment; other Secrets are nobody's business here.
import { describe, expect, it } from 'vitest';
import { personalCommitment } from '../../receipts/personalCommitment.js';
import { testContext, testRequest } from '../testing/samples.js';
import { checkErasure } from './erasure.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const opening = { name: 'alice', salt: '11'.repeat(32) };
const request = (namespace: string, data: Record<string, string>) =>
  testRequest({ kind: { group: '', version: 'v1', kind: 'Secret' }, operation: 'DELETE', namespace, object: null, oldObject: { metadata: { name: 'person-x', uid: 'u1' }, data } });

describe('checkErasure', () => {
  it('names the commitment and never the person', async () => {
    const facts = await checkErasure(request('enc-personal', { name: base64(opening.name), salt: base64(opening.salt) }), testContext());
    expect(facts).toMatchObject({ operation: 'DELETE', guards: [], object: { kind: 'PersonalName', name: personalCommitment(opening), uid: 'u1' } });
    expect(JSON.stringify(facts!.object)).not.toContain('alice');
  });

  it.each([
    ['elsewhere', 'payments', { name: base64('alice'), salt: base64(opening.salt) }],
    ['that open nothing', 'enc-personal', { name: base64('alice'), salt: '%%%' }],
  ])('is not concerned with Secrets %s', async (_what, namespace, data) => {
    expect(await checkErasure(request(namespace, data), testContext())).toBeNull();
  });
});

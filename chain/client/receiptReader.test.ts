// Receipts are verified before they are returned, and one validator cannot keep any back.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeNetwork } from './testing/network.js';
import { reconcileReport as report } from './testing/reconcileReport.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());
const code = (expected: string, message = /./) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string }) as Error;

describe('receipts', () => {
  const object = { kind: 'Pod', namespace: 'shop', name: 'cart', uid: '' };
  beforeEach(() => {
    network.chain.decide = ({ body }) => ({ outcome: 'allowed', code: 'Allowed', reason: body.operationId, object });
  });
  const submitted = async (client: Awaited<ReturnType<FakeNetwork['startedClient']>>) => {
    const submission = await client.submit('reconcile.report', report);
    network.chain.commit();
    await submission.finalised();
    return submission.receiptId;
  };

  it('are verified before they are returned, one by one and by object, newest first', async () => {
    const client = await network.startedClient();
    const ids = [await submitted(client), await submitted(client), await submitted(client)];
    expect((await client.receipt(ids[1]!)).header.height).toBe(3);
    const found = await client.receiptsFor(object, 2);
    expect(found.map(({ header }) => header.height)).toEqual([4, 3]);
    await expect(client.receipt('ab'.repeat(32))).rejects.toThrow(code('NotFound'));
    expect(await client.receiptsFor({ kind: 'Pod', namespace: 'shop', name: 'other' })).toEqual([]);
  });

  it.each([
    ['another receipt', (others: unknown[]) => others[0]],
    ['a changed receipt', (others: unknown[]) => ({ ...(others[1] as object), inclusion: { leafIndex: 0, treeSize: 2, path: [] } })],
    ['no receipt', () => ({})],
  ])('are not believed from validators that answer %s', async (_name, lie) => {
    const client = await network.startedClient();
    const ids = [await submitted(client), await submitted(client)];
    const true_ = [await client.receipt(ids[0]!), await client.receipt(ids[1]!)];
    for (const liar of network.validators.slice(0, 3)) liar.tamper = (answer, where) => (where.startsWith('/v1/receipts/') ? lie(true_) : answer);
    expect((await client.receipt(ids[1]!)).envelope.payload).toBe(true_[1]!.envelope.payload);
  });

  it('of an object are not kept back by f validators', async () => {
    const client = await network.startedClient();
    await submitted(client);
    network.validators[0]!.tamper = (answer, where) => (where === '/v1/receipts' ? { receipts: [] } : answer);
    expect(await client.receiptsFor(object)).toHaveLength(1);
  });
});

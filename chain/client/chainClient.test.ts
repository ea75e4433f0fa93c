// The client goes on while validators are down, slow or broken, and says who is missing when it cannot.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Fault } from './testing/fakeValidator.js';
import { FakeNetwork } from './testing/network.js';
import { reconcileReport as report } from './testing/reconcileReport.js';
import { strangersState } from './testing/strangers.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());
const code = (expected: string, message = /./) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string }) as Error;

describe('faults of validators', () => {
  it.each<Fault>(['hang', 'close', 'garbage', 'oversized', 'error'])('%s: reads, writes and blocks go on with three of four', async (fault) => {
    network.validators[0]!.fault = () => fault;
    const client = await network.startedClient();
    expect(await client.getState('nothing')).toMatchObject({ value: undefined });
    const submission = await client.submit('reconcile.report', report);
    network.chain.commit();
    expect(await submission.finalised()).toMatchObject({ transactionId: submission.receiptId, outcome: 'applied', height: 2, index: 0 });
  });

  it('starts when validators come up late, and says who is missing when they do not', async () => {
    const late = network.validators.slice(1);
    await Promise.all(late.map((validator) => validator.stop()));
    const starting = network.client().start();
    setTimeout(() => void Promise.all(late.map((validator) => validator.start())), 100);
    await starting;
    await Promise.all(network.validators.slice(1).map((validator) => validator.stop()));
    await expect(network.client({ timing: { startMs: 200 } }).start()).rejects.toThrow(code('Unreachable', new RegExp(late[0]!.url)));
  });

  it('takes the highest head that f+1 show, and none that is not certified', async () => {
    for (let i = 0; i < 4; i++) network.chain.commit();
    for (const behind of network.validators.slice(0, 1)) behind.frozenAt = 1;
    network.validators[1]!.tamper = (answer, where) => (where === '/v1/state' ? strangersState('policyset/current') : answer);
    const client = await network.startedClient();
    expect(client.head()).toEqual(network.chain.blocks[4]!.header);
  });

  it('is refused before it starts and after it stops', async () => {
    const client = network.client();
    expect(() => client.head()).toThrow(code('NotStarted'));
    expect(() => client.policySet()).toThrow(code('NotStarted'));
    await client.start();
    await client.stop();
    await expect(client.getState('a')).rejects.toThrow(code('Stopped'));
    await expect(client.submit('reconcile.report', report)).rejects.toThrow(code('Stopped'));
  });

  it.each([
    ['no endpoint', [], /no endpoint/],
    ['no URL', ['localhost'], /no URL/],
    ['another protocol', ['ftp://localhost'], /neither http nor https/],
  ])('is not made with %s', (_name, endpoints, message) => {
    expect(() => network.client({ endpoints })).toThrow(message);
  });
});

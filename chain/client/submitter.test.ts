// A submission counts when f+1 validators have provably taken it; forged and repeated acknowledgements count for nothing.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import type { Payloads } from '../types.js';
import { FakeValidator } from './testing/fakeValidator.js';
import { FakeNetwork } from './testing/network.js';
import { reconcileReport as report } from './testing/reconcileReport.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());
const code = (expected: string, message = /./) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string }) as Error;

describe('submission', () => {
  it('needs f+1 acknowledgements of distinct validators', async () => {
    const client = await network.startedClient();
    const submission = await client.submit('reconcile.report', report, { operationId: '00000000-0000-4000-8000-00000000abcd' });
    expect(new Set(submission.acknowledgements.map(({ validator }) => validator)).size).toBeGreaterThanOrEqual(2);
    expect(submission.operationId).toBe('00000000-0000-4000-8000-00000000abcd');
    const [raw] = network.chain.waiting.values();
    expect(sha256OfJson((JSON.parse(raw!) as { body: unknown }).body)).toBe(submission.receiptId);
    network.chain.commit();
    expect(await submission.finalised()).toMatchObject({ transactionId: submission.receiptId, code: 'Applied' });
    expect(await submission.finalised(1)).toMatchObject({ height: 2 });
  });

  const acknowledgement = (change: (answer: Record<string, unknown>) => object) => (answer: unknown) => {
    const { acknowledgements } = answer as { acknowledgements: Record<string, unknown>[] };
    return { acknowledgements: acknowledgements.map((each) => ({ ...each, ...change(each) })), refusals: [] };
  };
  it.each([
    ['another validator’s name', acknowledgement((each) => ({ validator: (Number(each.validator) + 1) % 4 }))],
    ['the name of no validator', acknowledgement(() => ({ validator: 77 }))],
    ['a signature of its own', acknowledgement(() => ({ signature: 'ab'.repeat(64) }))],
    ['another transaction', acknowledgement(() => ({ transactionId: 'ab'.repeat(32) }))],
    ['no signature', acknowledgement(() => ({ signature: undefined }))],
    ['nothing', () => ({ acknowledgements: [], refusals: [] })],
    ['an empty object', () => ({})],
  ])('does not count an acknowledgement with %s', async (_name, lie) => {
    const client = await network.startedClient();
    const lying = (count: number) =>
      network.validators.forEach(
        (validator, i) => (validator.tamper = (answer, where) => (where === '/v1/transactions' && i < count ? lie(answer) : answer)),
      );
    lying(2);
    const { acknowledgements } = await client.submit('reconcile.report', report);
    expect(acknowledgements.map(({ validator }) => validator).sort()).toEqual([2, 3]);
    lying(3);
    await expect(client.submit('reconcile.report', report, { timeoutMs: 500 })).rejects.toThrow(
      code('Unreachable', /acknowledged by 1 validators, 2 are needed/),
    );
  });

  it('counts one validator once, though several endpoints lead to it', async () => {
    const twins = await Promise.all([0, 0, 0].map((index) => new FakeValidator(network.chain, index).start()));
    const client = await network.startedClient({ endpoints: twins.map(({ url }) => url) });
    await expect(client.submit('reconcile.report', report)).rejects.toThrow(code('Unreachable', /acknowledged by 1/));
    await client.stop();
    await Promise.all(twins.map((twin) => twin.stop()));
  });

  it('is refused when more than f refuse, with their code, and not when fewer do', async () => {
    const client = await network.startedClient();
    const refuse = () => ({ code: 'VerdictMismatch', message: 'verdict.light is "Green"' });
    network.validators[0]!.refuse = () => ({ code: 'MadeUp', message: 'because' });
    await client.submit('reconcile.report', report);
    for (const validator of network.validators.slice(1)) validator.refuse = refuse;
    const refused = client.submit('reconcile.report', report);
    await expect(refused).rejects.toThrow(code('Refused', /VerdictMismatch: verdict.light/));
    await expect(refused).rejects.toMatchObject({ details: { refusal: { code: 'VerdictMismatch' } } });
  });

  it('tries again what a validator refuses only because it has yet to see a block', async () => {
    const client = await network.startedClient();
    for (const validator of network.validators) {
      let asked = 0;
      validator.refuse = () => ((asked += 1) === 1 ? { code: 'UnknownPolicyHeight', message: 'not yet' } : undefined);
    }
    expect((await client.submit('reconcile.report', report)).acknowledgements.length).toBeGreaterThanOrEqual(2);
  });

  it('says who did not answer', async () => {
    const client = await network.startedClient();
    await Promise.all(network.validators.slice(1).map((validator) => validator.stop()));
    network.validators[0]!.fault = (where) => (where === '/v1/transactions' ? 'hang' : undefined);
    const failing = client.submit('reconcile.report', report, { timeoutMs: 700 });
    await expect(failing).rejects.toThrow(code('Unreachable', new RegExp(network.validators[1]!.url)));
    await expect(failing).rejects.toMatchObject({
      details: { faults: network.endpoints.map((endpoint) => ({ endpoint, fault: expect.any(String) as string })) },
    });
  });

  it('needs a key', async () => {
    const client = await network.startedClient({ key: undefined });
    await expect(client.submit('reconcile.report', report)).rejects.toThrow(code('NoKey'));
  });

  it('shares requests between transactions that come together', async () => {
    const client = await network.startedClient();
    const submissions = await Promise.all(
      Array.from({ length: 200 }, (_, generation) => client.submit('reconcile.report', { ...report, generation })),
    );
    expect(new Set(submissions.map(({ receiptId }) => receiptId)).size).toBe(200);
    const { posts } = network.validators[0]!;
    await expect.poll(() => posts.flat().length).toBe(200);
    expect(posts.length).toBeLessThan(100);
    network.chain.commit();
    expect((await Promise.all(submissions.map((submission) => submission.finalised()))).map(({ index }) => index).toSorted((a, b) => a - b)).toEqual(
      submissions.map((_, i) => i),
    );
  });

  it('ends with Timeout while it may yet be executed', async () => {
    const client = await network.startedClient();
    const submission = await client.submit('reconcile.report', report);
    await expect(submission.finalised(50)).rejects.toThrow(code('Timeout', /may still be executed/));
    network.chain.commit();
    expect(await submission.finalised()).toMatchObject({ outcome: 'applied' });
  });
});

describe('a verdict, which nobody waits to see in a block', () => {
  /** These validators do not look into it. */
  const verdict = {} as Payloads['admission.verdict'];
  const asked = () => network.validators.map(({ posts }) => posts.flat().length);

  it('is asked of f+1 validators, and handed to the others afterwards, several in one request', async () => {
    const client = await network.startedClient({ timing: { firstMs: 60_000 } });
    const submissions = await Promise.all([1, 2, 3].map(() => client.submit('admission.verdict', verdict)));
    for (const { acknowledgements } of submissions) expect(new Set(acknowledgements.map(({ validator }) => validator)).size).toBe(2);
    expect(asked().filter((count) => count > 0)).toEqual([3, 3]);
    await expect.poll(asked).toEqual([3, 3, 3, 3]);
    expect(network.validators.map(({ posts }) => posts.length)).toEqual([1, 1, 1, 1]);
  });

  it('waits for no company while those before it are only not in a block yet', async () => {
    const client = await network.startedClient({ timing: { gatherMs: 60_000, firstMs: 60_000, laterMs: 60_000 } });
    // If each waited for those before it, this would take half a minute.
    for (let i = 0; i < 150; i++) await client.submit('admission.verdict', verdict);
    expect(asked().reduce((sum, count) => sum + count)).toBe(300);
  });

  it('is handed to the others at once when a placement follows it', async () => {
    const client = await network.startedClient({ timing: { firstMs: 60_000, laterMs: 60_000, soonMs: 1 } });
    const allowed = { facts: { operation: 'CREATE' }, verdict: { decision: 'allow' } } as Payloads['admission.verdict'];
    // Together, so that both are asked of the same two: which are quickest is decided anew for each.
    await Promise.all([client.submit('admission.verdict', verdict), client.submit('admission.verdict', allowed)]);
    await expect.poll(asked).toEqual([2, 2, 2, 2]);
  });

  it.each([
    ['refuses', () => network.validators.forEach((validator, i) => (validator.refuse = () => (i === 0 ? { code: 'MadeUp', message: 'because' } : undefined)))],
    ['is silent', () => (network.validators[0]!.fault = (where) => (where === '/v1/transactions' ? 'hang' : undefined))],
  ])('is asked of the others when one of those %s', async (_what, fault) => {
    const client = await network.startedClient();
    fault();
    for (let i = 0; i < 4; i++) {
      const { acknowledgements } = await client.submit('admission.verdict', verdict);
      expect(acknowledgements.map(({ validator }) => validator)).not.toContain(0);
      expect(acknowledgements).toHaveLength(2);
    }
  });

  it('is refused when more than f refuse', async () => {
    const client = await network.startedClient();
    for (const validator of network.validators) validator.refuse = () => ({ code: 'VerdictMismatch', message: 'verdict.light is "Green"' });
    await expect(client.submit('admission.verdict', verdict)).rejects.toThrow(code('Refused', /VerdictMismatch/));
  });
});

describe('a network of one', () => {
  it('works with one acknowledgement', async () => {
    const alone = await new FakeNetwork(1).start();
    const client = await alone.startedClient({ key: ed25519FromSeed('07'.repeat(32)) });
    const submission = await client.submit('reconcile.report', report);
    expect(submission.acknowledgements).toHaveLength(1);
    alone.chain.commit();
    expect(await submission.finalised()).toMatchObject({ height: 2 });
    await alone.stop();
  });
});

// What comes alone is signed at once; under load, what comes close together shares one signature, and each stays a transaction of its own.
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import { LedgerError } from '../ledger/ledgerError.js';
import { TransactionReader } from '../ledger/transactionReader.js';
import type { TransactionBody } from '../types.js';
import { BatchSigner, gatherMs } from './batchSigner.js';

const key = ed25519FromSeed('07'.repeat(32));
const body = (index: number) =>
  ({
    chainId: 'enc-test',
    type: 'placement.request',
    operationId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    sender: key.publicKey,
    validUntil: 100,
    payload: { podUid: `pod-${index}`, specHash: 'ab'.repeat(32), attempt: 0 },
  }) as TransactionBody;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const signatureOf = (raw: string) => (JSON.parse(raw) as { signature: string }).signature;

describe('BatchSigner', () => {
  it('signs together what comes within the time that the load asks for', async () => {
    const signer = new BatchSigner(key.privateKey, { mostMs: 50, underWay: () => 100 });
    const first = signer.sign(body(1));
    await vi.advanceTimersByTimeAsync(49);
    const second = signer.sign(body(2));
    await vi.advanceTimersByTimeAsync(1);
    const third = signer.sign(body(3));
    await vi.advanceTimersByTimeAsync(50);
    const [a, b, c] = (await Promise.all([first, second, third])).map(({ raw }) => signatureOf(raw));
    expect(a).toBe(b);
    expect(c).not.toBe(a);
    const reader = new TransactionReader();
    for (const { raw, id } of await Promise.all([first, second, third])) expect(reader.read(raw)).toMatchObject({ id });
  });

  it('does not wait while little is under way, nor when a batch is full', async () => {
    let underWay = 0;
    const signer = new BatchSigner(key.privateKey, { mostMs: 60_000, underWay: () => underWay });
    const alone = signer.sign(body(0));
    await vi.advanceTimersByTimeAsync(0);
    expect((JSON.parse((await alone).raw) as object)).not.toHaveProperty('batch');
    underWay = 1_000;
    const many = Array.from({ length: 32 }, (_, index) => signer.sign(body(index)));
    await vi.advanceTimersByTimeAsync(0);
    expect(new Set((await Promise.all(many)).map(({ raw }) => signatureOf(raw))).size).toBe(1);
  });

  it('leaves every transaction readable by itself, however they come', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(80), { minLength: 1, maxLength: 70 }), fc.nat(60), async (gaps, underWay) => {
        const signer = new BatchSigner(key.privateKey, { mostMs: 40, underWay: () => underWay });
        const built = [];
        for (const [index, gap] of gaps.entries()) {
          await vi.advanceTimersByTimeAsync(gap);
          built.push(signer.sign(body(index)));
        }
        await vi.advanceTimersByTimeAsync(40);
        for (const { raw, id } of await Promise.all(built)) {
          const read = new TransactionReader().read(raw);
          if (read instanceof LedgerError) throw read;
          expect(read.id).toBe(id);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('waits no longer when nothing is under way any more', async () => {
    const signer = new BatchSigner(key.privateKey, { mostMs: 60_000, underWay: () => 1_000 });
    const signed = Promise.all([signer.sign(body(1)), signer.sign(body(2))]);
    signer.release();
    await vi.advanceTimersByTimeAsync(1);
    expect(new Set((await signed).map(({ id }) => id)).size).toBe(2);
  });

  it.each([
    [0, 50, 0],
    [2, 50, 0],
    [3, 50, 10],
    [1_000, 50, 50],
    [1_000, 0, 0],
  ])('with %i under way and at most %i ms waits %i ms', (underWay, mostMs, ms) => {
    expect(gatherMs(underWay, mostMs)).toBe(ms);
  });
});

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { FinalisedBlock } from '../../chain/types.js';
import { fromBase64, fromUtf8 } from '../../crypto/encoding.js';
import { testBundles, testFacts } from '../../receipts/testing/testReceipts.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import { addReceiptsCommand } from './receiptsCommand.js';
import { runEnc } from './testing/runEnc.js';
import { temporaryFolder } from './testing/temporaryFolder.js';

const validators = testValidators(4);
const trust = { chainId: 'enc-test', validatorSet: validators.set };
const bundles = testBundles(validators, [testFacts(0), testFacts(1)]);
const forged = { ...bundles[0]!, header: { ...bundles[0]!.header, timestamp: 1 } };

/** A chain of 60 blocks; those from 40 on have one receipt each. */
const HEAD = 60;
const statements = bundles.map(({ envelope }) => fromUtf8(fromBase64(envelope.payload)));
const block = (height: number) => ({ header: { height }, statements: height < 40 ? [] : [statements[height % 2]!.replace('"blockHeight":7', `"blockHeight":${height}`)] }) as unknown as FinalisedBlock;
const receiptsFor = vi.fn(() => Promise.resolve(bundles));
const client = {
  head: () => ({ height: HEAD }),
  onBlock: (listener: (block: FinalisedBlock) => void, from: number) => {
    const timer = setImmediate(() => Array.from({ length: HEAD - from + 1 }, (_, i) => listener(block(from + i))));
    return () => clearImmediate(timer);
  },
  receiptsFor,
  receipt: (id: string) => Promise.resolve(bundles.find((_, index) => testFacts(index).receiptId === id)),
};
vi.mock('./withChain.js', () => ({ withChain: (_flags: unknown, use: (chain: unknown) => unknown) => use({ client, genesis: trust }) }));
const receipts = (...arguments_: string[]) => runEnc(addReceiptsCommand, ['receipts', '-n', 'shop', ...arguments_]);

describe('kubectl enc receipts', () => {
  it('lists the latest blocks\' receipts, newest first', async () => {
    const { text } = await receipts('--limit', '12', '-o', 'json');
    expect((JSON.parse(text) as { blockHeight: number }[]).map(({ blockHeight }) => blockHeight)).toEqual(Array.from({ length: 12 }, (_, i) => HEAD - i));
  });

  it('goes back as far as the limit asks, and ends where there is nothing', async () => {
    expect((await receipts('--limit', '1000')).text.split('\n')).toHaveLength(1 + 21);
  });

  it('lists those about an object and saves them so that they verify offline', async () => {
    const folder = path.join(temporaryFolder(), 'new');
    const { text, exitCode } = await receipts('--for', 'pod/cart-0', '--save', folder);
    expect(exitCode).toBe(0);
    expect(text).toMatch(/Pod shop\/cart-0 +refused +RegionForbidden/);
    expect(receiptsFor).toHaveBeenLastCalledWith({ kind: 'Pod', namespace: 'shop', name: 'cart-0' }, 20);
    const saved = readdirSync(folder);
    expect(saved.toSorted()).toEqual([0, 1].map((index) => `${testFacts(index).receiptId}.json`).toSorted());
    for (const file of saved) expect(verifyReceipt(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as (typeof bundles)[0], trust).ok).toBe(true);
  });

  it('shows no receipt that does not verify', async () => {
    receiptsFor.mockResolvedValueOnce([forged]);
    expect(await receipts('--for', 'pod/cart-0')).toMatchObject({ exitCode: 1, text: expect.stringMatching(/does not verify/) as string });
  });

  it('says that there are none', async () => {
    receiptsFor.mockResolvedValueOnce([]);
    expect(await receipts('--for', 'pod/cart-9')).toEqual({ exitCode: 0, text: 'no receipts about pod/cart-9' });
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown kind', ['--for', 'deploy/x'], /"deploy" is no kind/],
    ['a limit of nothing', ['--limit', '0'], /Expected a whole number from 1 to 1000/],
    ['a folder that cannot be made', ['--save', '/proc/none/x'], /--save \/proc\/none\/x: cannot be written/],
  ])('refuses %s', async (_name, arguments_, message) => {
    expect(await receipts(...arguments_)).toEqual({ exitCode: 2, text: expect.stringMatching(message) as string });
  });
});

// The block store gives back what was committed, whole blocks only, and says in one line what is wrong with its files.
import { copyFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../../crypto/hash.js';
import { fromHex, toHex, utf8 } from '../../../crypto/encoding.js';
import { rootFromInclusion } from '../../../receipts/merkle/inclusionProof.js';
import { MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import { EMPTY_HISTORY, extendHistory } from '../../../receipts/history.js';
import { leafHash } from '../../../receipts/merkle/treeHash.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { testBlock, testHeader } from '../testing/testBlocks.js';
import { BlockStore, type GenesisContent } from './blockStore.js';
import { markOpening } from './storeProbe.js';

const genesis: GenesisContent = {
  chainId: 'test-chain',
  genesisHash: sha256Hex('genesis'),
  header: testHeader(0, MerkleFrontier.empty()),
  state: [['account/a', '1'], ['supply', '10']], // prettier-ignore
};

/** Blocks 1 to 3 with 2, 0 and 300 operations. */
async function filled(directory: string): Promise<BlockStore> {
  const store = await BlockStore.open(directory, genesis);
  const log = MerkleFrontier.empty();
  for (const [i, operations] of [2, 0, 300].entries()) {
    await store.commit({ block: testBlock(i + 1, operations, log), state: [['height', String(i + 1)], ['account/a', i === 2 ? undefined : '2']] }); // prettier-ignore
  }
  return store;
}

describe('BlockStore', () => {
  it('gives blocks, state, log and indices back after it was opened again', async () => {
    const directory = temporaryDirectory();
    await (await filled(directory)).close();
    const store = await BlockStore.open(directory, genesis);
    const log = MerkleFrontier.empty();
    expect(store.height).toBe(3);
    for (const [i, operations] of [2, 0, 300].entries()) expect(store.block(i + 1)).toEqual(testBlock(i + 1, operations, log));
    expect(store.block(0)).toBeUndefined();
    expect(store.block(4)).toBeUndefined();
    expect([...store.list('')]).toEqual([['height', '3'], ['supply', '10']]); // prettier-ignore
    expect([...store.list('account/')]).toEqual([]);
    expect(store.place(sha256Hex('3/7'))).toEqual({ height: 3, index: 7 });
    expect(store.place(sha256Hex('9/9'))).toBeUndefined();
    expect(store.statement({ height: 3, index: 7 })!.predicate.receiptId).toBe(sha256Hex('3/7'));
    expect(store.statement({ height: 3, index: 300 })).toBeUndefined();
    await store.close();
  });

  it('keeps the history of each scope as a chain over its receipts', async () => {
    const store = await filled(temporaryDirectory());
    const scope = 'object/Pod/shop/pod-1';
    const all = [...store.history(scope, 1, 3)];
    expect(all).toHaveLength(101);
    let history = EMPTY_HISTORY;
    for (const { leaf, after } of all) expect(after).toEqual((history = extendHistory(history, leafHash(store.log.entry(leaf)))));
    expect([...store.history(scope, 2, 2)]).toEqual([]);
    expect(store.historyBefore(scope, 3, 2)).toEqual([all[0]]);
    expect(store.historyBefore(scope, 1)).toEqual([]);
    expect([...store.history('namespace/shop', 3, 3)].at(-1)!.after.count).toBe(302);
    await store.close();
  });

  it('lists what happened to an object, newest first', async () => {
    const store = await filled(temporaryDirectory());
    const ids = [...store.transactionsAbout({ kind: 'Pod', namespace: 'shop', name: 'pod-1' })];
    expect(ids).toHaveLength(101);
    expect(ids.slice(0, 2)).toEqual([sha256Hex('3/298'), sha256Hex('3/295')]);
    expect(ids.at(-1)).toBe(sha256Hex('1/1'));
    expect([...store.transactionsOfKind('Pod')].slice(0, 2)).toEqual([sha256Hex('3/299'), sha256Hex('3/298')]);
    expect([...store.transactionsOfKind('Po')]).toEqual([]);
    expect([...store.transactionsAbout({ kind: 'Pod', namespace: 'shop', name: 'pod' })]).toEqual([]);
    await store.close();
  });

  it('proves every leaf at the present size and knows its edge at every earlier one', async () => {
    const store = await filled(temporaryDirectory());
    const root = store.header(3)!.header.logRoot;
    for (const leafIndex of [0, 1, 2, 257, 301]) {
      const statement = store.log.entry(leafIndex);
      const { path: siblings } = store.log.inclusionProof(leafIndex, 302);
      expect(toHex(rootFromInclusion(leafHash(statement), leafIndex, 302, siblings.map((hash) => Buffer.from(hash, 'hex')))!)).toBe(root); // prettier-ignore
    }
    const frontier = MerkleFrontier.empty();
    for (let size = 0; size <= 302; size++) {
      expect(store.logTables.frontier(size).toJson()).toEqual(frontier.toJson());
      if (size < 302) frontier.append(leafHash(store.log.entry(size)));
    }
    await store.close();
  });

  it('commits nothing of a block whose write fails half way', async () => {
    const store = await filled(temporaryDirectory());
    const log = store.logTables.frontier(302);
    const state: [string, string][] = [['height', '4'], ['x'.repeat(5_000), 'too long a key']]; // prettier-ignore
    await expect(store.commit({ block: testBlock(4, 1, log), state })).rejects.toMatchObject({ code: 'StorageFailed' });
    expect(store.height).toBe(3);
    expect(store.get('height')).toBe('3');
    expect(store.block(4)).toBeUndefined();
    await store.close();
  });

  it('refuses another chain\'s directory and leaves it as it was', async () => {
    const directory = temporaryDirectory();
    await (await filled(directory)).close();
    const other = { ...genesis, chainId: 'other-chain' };
    await expect(BlockStore.open(directory, other)).rejects.toMatchObject({ code: 'OtherChain', message: expect.stringContaining('holds chain "test-chain"') });
    const store = await BlockStore.open(directory, genesis);
    expect(store.height).toBe(3);
    await store.close();
  });

  it.each([
    ['is shorter than its header says', (file: string) => truncateSync(file, 20_000)],
    ['is cut short within its first table', (file: string) => truncateSync(file, 9_000)],
    ['is cut short between pages', (file: string) => truncateSync(file, 8_192)],
    ['is empty', (file: string) => truncateSync(file, 0)],
    ['holds something else', (file: string) => writeFileSync(file, Buffer.alloc(30_000, 7))],
    [
      'has pages overwritten, noticed by an earlier start that died of it',
      (file: string) => {
        const bytes = readFileSync(file);
        bytes.fill(0xff, 8_192);
        writeFileSync(file, bytes);
        markOpening(path.dirname(file));
      },
    ],
  ])('says that the file %s', async (_, damage) => {
    const intact = temporaryDirectory();
    await (await filled(intact)).close();
    const directory = path.join(temporaryDirectory(), 'damaged');
    mkdirSync(directory);
    const file = path.join(directory, 'data.mdb');
    copyFileSync(path.join(intact, 'data.mdb'), file);
    damage(file);
    const bytes = readFileSync(file);
    await expect(BlockStore.open(directory, genesis)).rejects.toMatchObject({ code: 'CorruptStore', message: expect.stringContaining(directory) });
    expect(readFileSync(file)).toEqual(bytes);
  }, 30_000);

  it('drops old bodies and receipts, and keeps what proves the others', async () => {
    const directory = temporaryDirectory();
    const store = await filled(directory);
    const [whole, { logSize, logRoot }] = [store.block(3), store.header(3)!.header];
    expect(await store.prune(9, 1)).toBe(true);
    expect(await store.prune(9, 64)).toBe(true);
    expect(await store.prune(9, 64)).toBe(false);
    await store.close();
    const again = await BlockStore.open(directory, genesis);
    expect([again.bodiesFrom, again.receiptsFrom, again.block(1), again.block(2)]).toEqual([3, 2, undefined, undefined]);
    expect(again.block(3)).toEqual(whole);
    expect(again.header(1)!.header.height).toBe(1);
    expect(() => again.log.entry(1)).toThrow(/missing/);
    const leaf = leafHash(again.log.entry(2));
    expect(toHex(rootFromInclusion(leaf, 2, logSize, again.log.inclusionProof(2).path.map((hash) => fromHex(hash)))!)).toBe(logRoot);
    await again.close();
  });

  it('shows a pinned state while blocks go on', async () => {
    const store = await filled(temporaryDirectory());
    const pinned = store.pin();
    const log = MerkleFrontier.of(store.log.head.logSize, store.logTables.frontier(store.log.head.logSize).toJson().hashes.map((hash) => fromHex(hash)));
    await store.commit({ block: testBlock(4, 1, log), state: [['height', '4'], ['supply', undefined]] }); // prettier-ignore
    expect([...pinned.records()]).toEqual([['height', '3'], ['supply', '10']]); // prettier-ignore
    pinned.release();
    expect(store.get('height')).toBe('4');
    await store.close();
  });

  it('refuses a log that does not belong to its header', async () => {
    const directory = temporaryDirectory();
    const store = await filled(directory);
    store.logTables.writeTile(0, 1, leafHash(utf8('forged')));
    await store.close();
    await expect(BlockStore.open(directory, genesis)).rejects.toMatchObject({ code: 'CorruptStore' });
  });
});

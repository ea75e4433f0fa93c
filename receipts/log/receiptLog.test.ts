// The log against the plain Merkle tree over all its entries, over crashes and lost tiles, and in the tlog-tiles layout.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { verifyConsistency } from '../merkle/consistencyProof.js';
import { rootFromInclusion } from '../merkle/inclusionProof.js';
import { leafHash, merkleRoot } from '../merkle/treeHash.js';
import { decodeEntryBundle, encodeEntryBundle } from './entryBundle.js';
import { MemoryLogStorage } from './logStorage.js';
import { ReceiptLog } from './receiptLog.js';
import { parseTilePath, tilePath, type TileAddress } from './tilePath.js';

const entries = Array.from({ length: 700 }, (_, i) => utf8(`receipt ${i}`));
const leaves = entries.map(leafHash);
const rootAt = (size: number) => toHex(merkleRoot(leaves.slice(0, size)));
const head = (size: number) => ({ logSize: size, logRoot: rootAt(size) });

function logOf(size: number, storage = new MemoryLogStorage()): { storage: MemoryLogStorage; log: ReceiptLog } {
  const log = ReceiptLog.empty(storage);
  log.append(entries.slice(0, size));
  return { storage, log };
}

describe('ReceiptLog', () => {
  it('has the same heads and tiles in whatever batches it grows, opened anew between them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(150), { minLength: 1, maxLength: 8 }), (batches) => {
        const storage = new MemoryLogStorage();
        let size = 0;
        for (const count of batches) {
          const log = ReceiptLog.open(storage, head(size));
          const batch = entries.slice(size, size + count);
          const tentative = log.headAfter(batch.map(leafHash));
          expect(log.head).toEqual(head(size));
          size += batch.length;
          expect(log.append(batch)).toEqual(head(size));
          expect(tentative).toEqual(head(size));
        }
        expect(storage.tiles).toEqual(logOf(size).storage.tiles);
      }),
      { numRuns: 30 },
    );
  });

  it('proves inclusion and consistency between any of its sizes', () => {
    const { log } = logOf(700);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 700 }), fc.nat(699), (a, b, index) => {
        const [older, newer] = [Math.min(a, b), Math.max(a, b)];
        const { leafIndex, treeSize, path } = log.inclusionProof(index % newer, newer);
        expect(toHex(rootFromInclusion(leaves[index % newer]!, leafIndex, treeSize, path.map((hash) => fromHex(hash)))!)).toBe(rootAt(newer)); // prettier-ignore
        const proof = log.consistencyProof(older, newer).map((hash) => fromHex(hash));
        expect(verifyConsistency({ size: older, root: fromHex(rootAt(older)) }, { size: newer, root: fromHex(rootAt(newer)) }, proof)).toBe(true);
      }),
    );
  });

  it('forgets what was written of a block whose commit was lost', () => {
    const { storage, log } = logOf(250);
    log.append([utf8('a block that'), utf8('was never committed'), ...entries.slice(0, 20)]);
    const reopened = ReceiptLog.open(storage, head(250));
    expect(reopened.append(entries.slice(250, 600))).toEqual(head(600));
    expect(storage.tiles).toEqual(logOf(600).storage.tiles);
    expect(ReceiptLog.open(storage, head(600)).entry(252)).toEqual(entries[252]);
  });

  it('notices changed and missing tiles, and makes them anew from the entries', () => {
    const { storage } = logOf(600);
    storage.tiles.get('0/2')![5]! ^= 1;
    expect(() => ReceiptLog.open(storage, head(600))).toThrow(
      expect.objectContaining({ code: 'Corrupt', message: expect.stringMatching(/rebuild the tiles/) as string }),
    );
    storage.tiles.delete('1/0');
    expect(() => ReceiptLog.open(storage, head(600))).toThrow(expect.objectContaining({ code: 'Corrupt' }));
    storage.tiles.clear();
    expect(ReceiptLog.rebuild(storage, 600).head).toEqual(head(600));
    expect(storage.tiles).toEqual(logOf(600).storage.tiles);
    storage.entries.delete(300);
    expect(() => ReceiptLog.rebuild(storage, 600)).toThrow(/entry 300 of the log is missing/);
  });

  it('notices another head than it was opened with', () => {
    const { storage } = logOf(600);
    expect(() => ReceiptLog.open(storage, { logSize: 599, logRoot: rootAt(600) })).toThrow(/have the root/);
    expect(() => ReceiptLog.open(storage, { logSize: 601, logRoot: rootAt(601) })).toThrow(/missing or short/);
  });

  const { log } = logOf(10);
  it.each<[string, string, () => unknown]>([
    ['a leaf beyond the size', 'OutOfRange', () => log.inclusionProof(5, 5)],
    ['a size to come', 'OutOfRange', () => log.inclusionProof(5, 11)],
    ['a shrinking log', 'OutOfRange', () => log.consistencyProof(6, 5)],
    ['an entry to come', 'OutOfRange', () => log.entry(10)],
    ['an entry too large', 'EntryTooLarge', () => log.append([entries[0]!, new Uint8Array(65_536)])],
  ])('refuses %s', (_name, code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: 'LogError', code }));
    expect(log.head).toEqual(head(10));
  });
});

describe('tlog-tiles', () => {
  it.each<[string, TileAddress]>([
    ['tile/0/x001/x234/067', { level: 0, index: 1234067, width: 256 }],
    ['tile/1/000.p/17', { level: 1, index: 0, width: 17 }],
    ['tile/entries/999', { level: 'entries', index: 999, width: 256 }],
    ['tile/entries/x001/000.p/255', { level: 'entries', index: 1000, width: 255 }],
    ['tile/63/x999/x999/x999/x999/x999/999.p/1', { level: 63, index: 999999999999999999, width: 1 }],
  ])('%s', (path, address) => {
    if (Number.isSafeInteger(address.index)) {
      expect(tilePath(address)).toBe(path);
      expect(parseTilePath(path)).toEqual(address);
    } else {
      expect(parseTilePath(path)).toBeUndefined();
    }
  });

  it.each([
    'tile/0/1',
    'tile/00/000',
    'tile/64/000',
    'tile/0/x000/001',
    'tile/0/000.p/256',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/001/002',
    'checkpoint',
    'tile/-1/000',
  ])('does not know %s', (path) => {
    expect(parseTilePath(path)).toBeUndefined();
  });

  it("serves the specification's example: 70,000 entries", () => {
    const log = ReceiptLog.empty(new MemoryLogStorage());
    const many = Array.from({ length: 70_000 }, (_, i) => utf8(`e${i}`));
    log.append(many);
    const width = (path: string) => (log.resource(path)?.length ?? 0) / 32;
    expect(['tile/0/272', 'tile/0/273', 'tile/0/273.p/112', 'tile/0/273.p/113'].map(width)).toEqual([256, 0, 112, 0]);
    expect(['tile/1/000', 'tile/1/001', 'tile/1/001.p/17', 'tile/1/001.p/18'].map(width)).toEqual([256, 0, 17, 0]);
    expect(['tile/2/000', 'tile/2/000.p/1', 'tile/2/000.p/2', 'tile/3/000.p/1'].map(width)).toEqual([0, 1, 0, 0]);
    expect(toHex(log.resource('tile/1/000')!.slice(32, 64))).toBe(toHex(merkleRoot(many.slice(256, 512).map(leafHash))));
    expect(toHex(log.resource('tile/2/000.p/1')!)).toBe(toHex(merkleRoot(many.slice(0, 65_536).map(leafHash))));
    expect(decodeEntryBundle(log.resource('tile/entries/273.p/112')!)).toEqual(many.slice(273 * 256));
    expect(log.resource('tile/entries/273')).toBeUndefined();
  });

  it('carries entries of any bytes in bundles, and notices cut ones', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 600 }), { maxLength: 5 }), fc.nat(), (list, cut) => {
        const bundle = encodeEntryBundle(list);
        expect(decodeEntryBundle(bundle)).toEqual(list);
        if (bundle.length === 0) return;
        const rest = decodeEntryBundle(bundle.subarray(0, cut % bundle.length));
        expect(rest === undefined || rest.length < list.length).toBe(true);
      }),
    );
    expect(() => encodeEntryBundle([new Uint8Array(65_536)])).toThrow(RangeError);
  });
});

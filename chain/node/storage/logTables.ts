// The receipt log's entries and tiles in the block store's tables, so that they are committed with the block.
import type { Database } from 'lmdb';
import { fromUtf8 } from '../../../crypto/encoding.js';
import type { LogStorage } from '../../../receipts/log/logStorage.js';
import { TILE_WIDTH } from '../../../receipts/log/tilePath.js';
import { completeSubtrees, MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import { HASH_BYTES, merkleRoot } from '../../../receipts/merkle/treeHash.js';

const TILE_HEIGHT = 8;

/** Writes belong inside a transaction of the store. */
export class LogTables implements LogStorage {
  constructor(
    private readonly tiles: Database<Buffer, [number, number]>,
    private readonly entries: Database<Buffer, number>,
  ) {}

  readTile(level: number, index: number): Uint8Array | undefined {
    return this.tiles.get([level, index]);
  }
  writeTile(level: number, index: number, hashes: Uint8Array): void {
    void this.tiles.put([level, index], Buffer.from(hashes));
  }
  readEntry(index: number): Uint8Array | undefined {
    return this.entries.get(index);
  }
  writeEntry(index: number, entry: Uint8Array): void {
    void this.entries.put(index, Buffer.from(entry));
  }

  removeEntries(start: number, end: number): void {
    for (let index = start; index < end; index++) void this.entries.remove(index);
  }

  /** Entries from `start` up to, not including, `end`, as text. */
  statements(start: number, end: number): string[] {
    if (start >= end) return [];
    return Array.from(this.entries.getRange({ start, end, snapshot: false }), ({ value }) => fromUtf8(value));
  }

  /** The log's right edge at an earlier or the present size. */
  frontier(size: number): MerkleFrontier {
    const hashes = completeSubtrees(size).map(({ level, index }) => this.#subtreeHash(level, index));
    return MerkleFrontier.of(size, hashes);
  }

  #subtreeHash(level: number, index: number): Uint8Array {
    const span = 2 ** (level % TILE_HEIGHT);
    const first = index * span;
    const tile = this.readTile(Math.floor(level / TILE_HEIGHT), Math.floor(first / TILE_WIDTH)) ?? new Uint8Array(0);
    const offset = first % TILE_WIDTH;
    return merkleRoot(Array.from({ length: span }, (_, i) => tile.slice((offset + i) * HASH_BYTES, (offset + i + 1) * HASH_BYTES)));
  }
}

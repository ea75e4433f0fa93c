// What the receipt log needs of a store; the chain node gives it inside the transaction that commits a block, so both are durable together or not at all.

/** Level, index: as in C2SP tlog-tiles. */
export interface LogStorage {
  /** The hashes stored for a tile so far: 32 bytes each, at most 256. */
  readTile(level: number, index: number): Uint8Array | undefined;
  /** Replaces the tile. Tiles can be made anew from the entries (ReceiptLog.rebuild), so losing them loses nothing. */
  writeTile(level: number, index: number, hashes: Uint8Array): void;
  readEntry(index: number): Uint8Array | undefined;
  writeEntry(index: number, entry: Uint8Array): void;
}

/** Keeps the log in memory: for tests and simulations. */
export class MemoryLogStorage implements LogStorage {
  readonly tiles = new Map<string, Uint8Array>();
  readonly entries = new Map<number, Uint8Array>();

  readTile(level: number, index: number): Uint8Array | undefined {
    return this.tiles.get(`${level}/${index}`);
  }

  writeTile(level: number, index: number, hashes: Uint8Array): void {
    this.tiles.set(`${level}/${index}`, hashes.slice());
  }

  readEntry(index: number): Uint8Array | undefined {
    return this.entries.get(index);
  }

  writeEntry(index: number, entry: Uint8Array): void {
    this.entries.set(index, entry.slice());
  }
}

// The writer of the receipt log: an RFC 9162 Merkle tree kept as C2SP tlog-tiles over a small storage interface.
import { concatBytes, toHex } from '../../crypto/encoding.js';
import { proveConsistency } from '../merkle/consistencyProof.js';
import { proveInclusion } from '../merkle/inclusionProof.js';
import { completeSubtrees, MerkleFrontier } from '../merkle/merkleFrontier.js';
import { HASH_BYTES, leafHash, merkleRoot } from '../merkle/treeHash.js';
import type { InclusionProof } from '../types.js';
import { encodeEntryBundle, MAX_ENTRY_BYTES } from './entryBundle.js';
import type { LogStorage } from './logStorage.js';
import { parseTilePath, TILE_WIDTH } from './tilePath.js';

const TILE_HEIGHT = 8;

export type LogErrorCode = 'Corrupt' | 'EntryTooLarge' | 'OutOfRange';

export class LogError extends Error {
  override readonly name = 'LogError';
  constructor(
    readonly code: LogErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** Hex, as in block headers. */
export interface LogHead {
  logSize: number;
  logRoot: string;
}

export class ReceiptLog {
  private constructor(
    private readonly storage: LogStorage,
    private readonly frontier: MerkleFrontier,
  ) {}

  /** Opens the log as the last committed header says it is. Throws LogError 'Corrupt' when the tiles say otherwise: then rebuild. */
  static open(storage: LogStorage, head: LogHead): ReceiptLog {
    const log = new ReceiptLog(storage, edgeOf(storage, head.logSize));
    const { logRoot } = log.head;
    if (logRoot !== head.logRoot) {
      throw new LogError(
        'Corrupt',
        `the log's ${head.logSize} entries have the root ${logRoot}, the header says ${head.logRoot}; rebuild the tiles from the entries`,
      );
    }
    return log;
  }

  static empty(storage: LogStorage): ReceiptLog {
    return new ReceiptLog(storage, MerkleFrontier.empty());
  }

  /** Makes all tiles anew from the first `size` entries. Throws LogError 'Corrupt' when an entry is missing. */
  static rebuild(storage: LogStorage, size: number): ReceiptLog {
    const log = ReceiptLog.empty(storage);
    for (let start = 0; start < size; start += TILE_WIDTH) {
      const end = Math.min(start + TILE_WIDTH, size);
      log.appendHashes(Array.from({ length: end - start }, (_, i) => leafHash(log.entryAt(start + i))));
    }
    return log;
  }

  get head(): LogHead {
    return { logSize: this.frontier.size, logRoot: toHex(this.frontier.root()) };
  }

  /** The head after these leaves, without appending them: for a block that is not decided yet. */
  headAfter(leaves: Uint8Array[]): LogHead {
    const tentative = this.frontier.clone();
    for (const leaf of leaves) tentative.append(leaf);
    return { logSize: tentative.size, logRoot: toHex(tentative.root()) };
  }

  /** Appends a block's entries (statement payloads), in order; `leaves` = their leaf hashes, where they are known. Throws LogError before anything is written. */
  append(entries: Uint8Array[], leaves: readonly Uint8Array[] = entries.map(leafHash)): LogHead {
    const oversized = entries.findIndex((entry) => entry.length > MAX_ENTRY_BYTES);
    if (oversized >= 0)
      throw new LogError('EntryTooLarge', `entry ${oversized} has ${entries[oversized]!.length} bytes, at most ${MAX_ENTRY_BYTES} fit`);
    const first = this.frontier.size;
    entries.forEach((entry, i) => this.storage.writeEntry(first + i, entry));
    this.appendHashes(leaves);
    return this.head;
  }

  entry(index: number): Uint8Array {
    this.checkRange(index < this.frontier.size, `entry ${index}`);
    return this.entryAt(index);
  }

  /** `treeSize` is that of the header it is proved against. Throws LogError 'OutOfRange'. */
  inclusionProof(leafIndex: number, treeSize = this.frontier.size): InclusionProof {
    this.checkRange(leafIndex >= 0 && leafIndex < treeSize && treeSize <= this.frontier.size, `entry ${leafIndex} of ${treeSize}`);
    return { leafIndex, treeSize, path: proveInclusion(this.read, leafIndex, treeSize).map(toHex) };
  }

  /** Hex. Throws LogError 'OutOfRange'. */
  consistencyProof(oldSize: number, newSize = this.frontier.size): string[] {
    this.checkRange(oldSize >= 0 && oldSize <= newSize && newSize <= this.frontier.size, `an extension from ${oldSize} to ${newSize} entries`);
    return proveConsistency(this.read, oldSize, newSize).map(toHex);
  }

  /** A tlog-tiles resource by its path, as in `tile/0/x001/067.p/5`; undefined when the log has no such one (yet). */
  resource(path: string): Uint8Array | undefined {
    const address = parseTilePath(path);
    if (address === undefined) return undefined;
    const level = address.level === 'entries' ? 0 : address.level;
    const start = address.index * TILE_WIDTH;
    if (start + address.width > countAt(level, this.frontier.size)) return undefined;
    if (address.level !== 'entries') return tileHashes(this.storage, level, address.index, address.width);
    return encodeEntryBundle(Array.from({ length: address.width }, (_, i) => this.entryAt(start + i)));
  }

  private readonly read = (level: number, index: number): Uint8Array => subtreeHash(this.storage, level, index);

  private entryAt(index: number): Uint8Array {
    const entry = this.storage.readEntry(index);
    if (entry === undefined) throw new LogError('Corrupt', `entry ${index} of the log is missing; fetch its block from another validator`);
    return entry;
  }

  private appendHashes(leaves: readonly Uint8Array[]): void {
    const before = this.frontier.size;
    const grown = new Map<string, { level: number; index: number; added: Uint8Array[] }>();
    for (const leaf of leaves) {
      this.frontier.append(leaf, (height, position, hash) => {
        if (height % TILE_HEIGHT !== 0) return;
        const [level, index] = [height / TILE_HEIGHT, Math.floor(position / TILE_WIDTH)];
        const tile = grown.get(`${level}/${index}`);
        if (tile) tile.added.push(hash);
        else grown.set(`${level}/${index}`, { level, index, added: [hash] });
      });
    }
    for (const { level, index, added } of grown.values()) {
      const width = Math.max(0, countAt(level, before) - index * TILE_WIDTH);
      const present = width === 0 ? [] : [tileHashes(this.storage, level, index, width)];
      this.storage.writeTile(level, index, concatBytes(...present, ...added));
    }
  }

  private checkRange(ok: boolean, what: string): void {
    if (!ok) throw new LogError('OutOfRange', `the log has ${this.frontier.size} entries, there is no ${what}`);
  }
}

/** Hashes at a tile level in a tree of that size. */
function countAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** The first `width` hashes of a tile; what a lost write left behind them is of no account. */
function tileHashes(storage: LogStorage, level: number, index: number, width: number): Uint8Array {
  const hashes = storage.readTile(level, index);
  if (hashes === undefined || hashes.length < width * HASH_BYTES) {
    throw new LogError('Corrupt', `tile ${level}/${index} of the log is missing or short of ${width} hashes; rebuild the tiles from the entries`);
  }
  return hashes.slice(0, width * HASH_BYTES);
}

/** The hash of a complete subtree, from the one tile that holds its top or the hashes below it. */
function subtreeHash(storage: LogStorage, level: number, index: number): Uint8Array {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const span = 2 ** (level % TILE_HEIGHT);
  const first = index * span;
  const offset = first % TILE_WIDTH;
  const hashes = tileHashes(storage, tileLevel, Math.floor(first / TILE_WIDTH), offset + span);
  return merkleRoot(Array.from({ length: span }, (_, i) => hashes.slice((offset + i) * HASH_BYTES, (offset + i + 1) * HASH_BYTES)));
}

function edgeOf(storage: LogStorage, size: number): MerkleFrontier {
  return MerkleFrontier.of(
    size,
    completeSubtrees(size).map(({ level, index }) => subtreeHash(storage, level, index)),
  );
}

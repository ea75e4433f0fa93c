// Writes a snapshot of the state at the head while the chain goes on: from one unchanging view of the store, a slice of records at a time.
import { partOfKey } from '../../../crypto/treeParts.js';
import type { SetStep } from '../../../receipts/types.js';
import type { HeadSnapshot } from '../api/context.js';
import type { BlockStore } from '../storage/blockStore.js';
import { edgeOf, MAX_DEPTH, type StateRecord } from './manifest.js';
import { linesOf, type SnapshotFiles } from './snapshotFiles.js';

/** A part is to have about so many; a message of a link can have 4 MiB. */
const PART_BYTES = 512 * 1024;
/** Records read in one go: about a millisecond. */
const SLICE = 500;
const BUFFERED_BYTES = 4 * 1024 * 1024;
const KEPT = 2;
/** With more parts, snapshots become rarer in proportion: about 32 MiB. */
const CHEAP_PARTS = 64;

export interface SnapshotSubject {
  store: BlockStore;
  head: HeadSnapshot;
  steps: SetStep[];
}

export class SnapshotMaker {
  #work: Promise<void> | undefined;
  #parts = 1;

  constructor(
    private readonly files: SnapshotFiles,
    /** Blocks from one to the next. All validators use the same heights, so that several can serve one snapshot. */
    private readonly every: number,
    private readonly hooks: { made(height: number, parts: number): void; failed(error: unknown): void },
  ) {}

  /** To be called while the store shows the head of this height and nothing later; `subject` is asked for at once, when a snapshot is due. */
  committed(height: number, subject: () => SnapshotSubject): void {
    const interval = this.every * Math.max(1, Math.floor(this.#parts / CHEAP_PARTS));
    if (this.#work || height % interval !== 0) return;
    this.#work = this.#make(subject())
      .catch((error: unknown) => this.hooks.failed(error))
      .finally(() => (this.#work = undefined));
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#work;
  }

  async #make({ store, head, steps }: SnapshotSubject): Promise<void> {
    const { header, certificate, tree } = head;
    const edge = edgeOf(header.logSize, (level, index) => store.logTables.readTile(level, index));
    const pinned = store.pin();
    try {
      let bytes = 0;
      for await (const slice of slices(pinned.records())) for (const [key, value] of slice) bytes += key.length + value.length;
      const depth = Math.min(MAX_DEPTH, Math.max(0, Math.ceil(Math.log2(bytes / PART_BYTES))));
      await this.files.begin(header.height);
      await this.#write(header.height, depth, pinned.records());
      const parts = Array.from({ length: 2 ** depth }, (_, index) => tree.part(depth, index));
      await this.files.finish({ version: 1, header, certificate: certificate!, steps, depth, parts, edge }, KEPT);
      this.#parts = parts.length;
      this.hooks.made(header.height, parts.length);
    } finally {
      pinned.release();
    }
  }

  async #write(height: number, depth: number, records: Iterable<StateRecord>): Promise<void> {
    const waiting = new Map<number, string[]>();
    let bytes = 0;
    const flush = async (): Promise<void> => {
      for (const [index, lines] of waiting) await this.files.append(height, index, lines.join(''));
      waiting.clear();
      bytes = 0;
    };
    for await (const slice of slices(records)) {
      for (const record of slice) {
        const line = linesOf([record]);
        const index = partOfKey(record[0], depth);
        const lines = waiting.get(index);
        if (lines) lines.push(line);
        else waiting.set(index, [line]);
        bytes += line.length;
      }
      if (bytes > BUFFERED_BYTES) await flush();
    }
    await flush();
  }
}

async function* slices(records: Iterable<StateRecord>): AsyncIterable<StateRecord[]> {
  let slice: StateRecord[] = [];
  for (const record of records) {
    slice.push(record);
    if (slice.length < SLICE) continue;
    yield slice;
    slice = [];
    await new Promise((resolve) => setImmediate(resolve));
  }
  yield slice;
}

// Where a simulated validator keeps its votes: a model of a log, fast, or the real VoteLog over a simulated disk.
import { VoteLog } from '../node/storage/voteLog.js';
import type { VoteRecord } from '../consensus/types.js';
import type { Random } from './random.js';
import type { SimBlock } from './simBlock.js';
import type { SimDisk } from './simDisk.js';

export type SimRecord = VoteRecord<SimBlock>;

export interface VoteStore {
  /** Those reported durable and not yet final. */
  readonly durable: readonly SimRecord[];
  /** At power-on: gives what is there. */
  open(ready: (records: SimRecord[]) => void): void;
  append(record: SimRecord, isDurable: () => void): void;
  /** Everything up to the height is final. */
  finalised(height: number): void;
  powerCut(): void;
  /** A faulty validator loses its data, or an older state of it comes back. */
  spoil(): void;
}

/** Appends become durable in order after a while; of the others a part may be there after a power cut. */
export class ModelVotes implements VoteStore {
  durable: SimRecord[] = [];
  #unsynced: { record: SimRecord; isDurable: () => void }[] = [];

  constructor(
    private readonly random: Random,
    private readonly syncMs: number,
    private readonly later: (afterMs: number, run: () => void) => void,
  ) {}

  open(ready: (records: SimRecord[]) => void): void {
    ready(this.durable);
  }
  append(record: SimRecord, isDurable: () => void): void {
    const entry = { record, isDurable };
    this.#unsynced.push(entry);
    this.later(this.random.below(this.syncMs), () => this.#sync(entry));
  }
  finalised(height: number): void {
    this.durable = this.durable.filter((record) => record.height > height);
  }
  powerCut(): void {
    const kept = this.random.below(this.#unsynced.length + 1);
    this.durable.push(...this.#unsynced.slice(0, kept).map(({ record }) => record));
    this.#unsynced = [];
  }
  spoil(): void {
    this.durable = [];
  }

  #sync(entry: { record: SimRecord }): void {
    const upTo = this.#unsynced.findIndex((waiting) => waiting === entry);
    const synced = this.#unsynced.splice(0, upTo + 1);
    this.durable.push(...synced.map(({ record }) => record));
    for (const { isDurable } of synced) isDurable();
  }
}

/** Small, so that the log is rewritten and grows often. */
const REWRITE_ABOVE_BYTES = 6_000;
const ALLOCATED_BYTES = 700;

export class FileVotes implements VoteStore {
  durable: SimRecord[] = [];
  #log: VoteLog<SimRecord> | undefined;
  #older = new Map<string, Buffer>();
  #final = 0;

  constructor(
    private readonly disk: SimDisk,
    private readonly random: Random,
    private readonly on: {
      /** The program would end: its disk failed. */ broken: (why: unknown) => void;
      lost: (what: string) => void;
      thrown: (error: unknown) => void;
    },
  ) {}

  open(ready: (records: SimRecord[]) => void): void {
    this.#log = undefined;
    const opened = VoteLog.open<SimRecord>('/data/votes', { disk: this.disk, rewriteAbove: REWRITE_ABOVE_BYTES, allocate: ALLOCATED_BYTES });
    const taken = opened.then(
      (log) => {
        const records = log.from(0);
        const there = new Set(records.map(({ vote }) => vote.signature));
        const missing = this.durable.find(({ vote }) => !there.has(vote.signature));
        if (missing) this.on.lost(`a durable ${missing.vote.payload.type} of ${missing.height}/${missing.vote.payload.round} is gone`);
        // What was not reported before and is there all the same is durable too: opening synced it.
        this.durable = records.filter(({ height }) => height > this.#final);
        this.#log = log;
        ready(records);
      },
      (error: NodeJS.ErrnoException) => (error.code === 'CorruptLog' ? this.on.lost(error.message) : this.on.broken(error)),
    );
    taken.catch(this.on.thrown);
  }

  append(record: SimRecord, isDurable: () => void): void {
    const log = this.#log!;
    this.disk.announce();
    const alive = (): boolean => log === this.#log;
    const done = log.append(record).then(
      () => {
        if (!alive()) return;
        // Its height may have become final on the way: then the log may have dropped it.
        if (record.height > this.#final) this.durable.push(record);
        isDurable();
      },
      (error: unknown) => alive() && this.on.broken(error),
    );
    done.catch(this.on.thrown);
  }

  finalised(height: number): void {
    this.#final = height;
    this.durable = this.durable.filter((record) => record.height > height);
    if (this.random.chance(0.1)) this.#older = this.disk.copy();
    const log = this.#log;
    this.disk.announce();
    const done = log?.finalised(height + 1).catch((error: unknown) => log === this.#log && this.on.broken(error));
    done?.catch(this.on.thrown);
  }

  powerCut(): void {
    this.#log = undefined;
    this.disk.powerCut();
  }

  spoil(): void {
    this.durable = [];
    this.disk.putBack(this.random.chance(0.5) ? new Map<string, Buffer>() : this.#older);
  }
}

// A disk under the real storage layer: what is not synced may be lost, torn or kept out of order when the power fails, a rename too; syncs take virtual time and may fail.
import { DURABLE_WRITES, type Disk, type DiskFile } from '../node/storage/durableFile.js';
import type { Random } from './random.js';

export interface SimDiskOptions {
  random: Random;
  /** Milliseconds of virtual time at most until a sync is done, and the probability that it fails. */
  syncMs: number;
  syncFails: () => number;
  schedule: (afterMs: number, run: () => void) => void;
  /** Called whenever promises have to run before anything else happens. */
  touched: () => void;
  /** Deliberate faults of the storage layer, for the tests of the simulator alone. */
  skips?: { fileSync?: boolean; directorySync?: boolean };
}
type Change = { position: number; bytes: Uint8Array } | { length: number };
interface Inode {
  durable: Buffer;
  changes: Change[];
}

export class SimDisk implements Disk {
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  /** Handles of an earlier life answer no more. */
  #life = 0;

  constructor(private readonly options: SimDiskOptions) {}

  /** Somebody is about to use it, in a promise. */
  announce(): void {
    this.options.touched();
  }

  open(file: string, flags: string | number): Promise<DiskFile> {
    return this.#now(() => {
      const known = this.#names.get(file);
      if (flags === 'r') return this.#handle(undefined);
      if (flags === 'wx' && known) throw failure('EEXIST', file);
      if ((flags === 'r+' || flags === DURABLE_WRITES) && !known) throw failure('ENOENT', file);
      const inode = known ?? { durable: Buffer.alloc(0), changes: [] };
      if (flags === 'w') inode.changes.push({ length: 0 });
      this.#names.set(file, inode);
      return this.#handle(inode, flags === DURABLE_WRITES);
    });
  }

  readFile(file: string): Promise<Uint8Array> {
    return this.#now(() => {
      const inode = this.#names.get(file);
      if (!inode) throw failure('ENOENT', file);
      return inode.changes.reduce(applied, inode.durable);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#now(() => {
      this.#names.set(to, this.#names.get(from)!);
      this.#names.delete(from);
    });
  }
  link(from: string, to: string): Promise<void> {
    return this.#now(() => void this.#names.set(to, this.#names.get(from)!));
  }
  remove(file: string): Promise<void> {
    return this.#now(() => void this.#names.delete(file));
  }

  /** Of each file any of the changes since its last sync may be there, the last of them in part; of the directory all or none. */
  powerCut(): void {
    const { random } = this.options;
    this.#life++;
    if (random.chance(0.5)) this.#names = new Map(this.#durableNames);
    const inodes = new Set(this.#names.values());
    for (const inode of inodes) {
      const kept = random.chance(0.5) ? inode.changes.slice(0, random.below(inode.changes.length + 1)) : random.some(inode.changes, 0.5);
      const last = kept.at(-1);
      if (last && 'bytes' in last) kept.splice(-1, 1, { ...last, bytes: last.bytes.subarray(0, random.below(last.bytes.length + 1)) });
      inode.durable = kept.reduce(applied, inode.durable);
      inode.changes = [];
    }
    this.#durableNames = new Map(this.#names);
  }

  /** What a faulty validator's owner may do: nothing is left, or an older copy is put back. */
  copy(): Map<string, Buffer> {
    return new Map([...this.#durableNames].map(([name, { durable }]) => [name, durable]));
  }
  putBack(copy: ReadonlyMap<string, Buffer>): void {
    this.#names = new Map([...copy].map(([name, durable]) => [name, { durable, changes: [] }]));
    this.#durableNames = new Map(this.#names);
  }

  #handle(inode: Inode | undefined, durableWrites = false): DiskFile {
    const sync = (): Promise<void> => (inode ? this.#syncFile(inode) : this.#syncNames());
    return {
      write: async (bytes, offset, length, position) => {
        await this.#now(() => void inode!.changes.push({ position, bytes: Uint8Array.from(bytes.subarray(offset, offset + length)) }));
        if (durableWrites) await sync();
        return { bytesWritten: length };
      },
      sync,
      truncate: (length) => this.#now(() => void inode!.changes.push({ length })),
      close: () => this.#now(() => undefined),
    };
  }

  #syncFile(inode: Inode): Promise<void> {
    if (this.options.skips?.fileSync) return this.#now(() => undefined);
    const covered = inode.changes.length;
    return this.#later(() => {
      inode.durable = inode.changes.slice(0, covered).reduce(applied, inode.durable);
      inode.changes = inode.changes.slice(covered);
    });
  }
  #syncNames(): Promise<void> {
    if (this.options.skips?.directorySync) return this.#now(() => undefined);
    const names = new Map(this.#names);
    return this.#later(() => {
      this.#durableNames = names;
    });
  }

  #now<T>(run: () => T): Promise<T> {
    this.options.touched();
    const life = this.#life;
    return new Promise((resolve, reject) => {
      try {
        const value = run();
        if (life === this.#life) resolve(value);
      } catch (error) {
        reject(error as Error);
      }
    });
  }
  #later(run: () => void): Promise<void> {
    const { random, syncMs, syncFails, schedule, touched } = this.options;
    const life = this.#life;
    return new Promise((resolve, reject) => {
      schedule(random.below(syncMs), () => {
        if (life !== this.#life) return;
        touched();
        if (random.chance(syncFails())) return reject(failure('EIO', 'sync'));
        run();
        resolve();
      });
    });
  }
}

function applied(content: Buffer, change: Change): Buffer {
  if ('length' in change) return content.subarray(0, change.length);
  const { position, bytes } = change;
  const grown = Buffer.alloc(Math.max(content.length, position + bytes.length));
  grown.set(content);
  grown.set(bytes, position);
  return grown;
}

function failure(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code });
}

// An append-only file whose appends resolve when they are durable; appends that meet share one durable write (group commit).
// The file is longer than its content, by zeros: a sync that need not also record a new length takes a fifth of the time.
import path from 'node:path';
import { NodeError, reasonOf } from '../nodeError.js';
import { disk as realDisk, DURABLE_WRITES, replaceFile, syncDirectory, writeFully, type Disk, type DiskFile } from './durableFile.js';
import { encodeFrame, encodeLog, LOG_MAGIC, MAX_PAYLOAD_BYTES, parseLog } from './logFrames.js';

const ALLOCATED_BYTES = 256 * 1024;

export interface AppendLogOptions {
  disk?: Disk;
  /** Bytes that are added to the file at once. */
  allocate?: number;
}

interface Append {
  payload: Uint8Array;
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** Methods reject with NodeError 'StorageFailed'; after one failure all do, for the file's state is then unknown. */
export class AppendLog {
  #waiting: Append[] = [];
  #work: Promise<void> = Promise.resolve();
  #scheduled = false;
  #failure: NodeError | undefined;

  private constructor(
    private readonly file: string,
    private handle: DiskFile,
    private length: number,
    /** Length of the file. */
    private allocated: number,
    private readonly options: Required<AppendLogOptions>,
  ) {}

  /** Opens or creates; a torn tail is cut off. Throws NodeError 'CorruptLog', having changed nothing. */
  static async open(file: string, { disk = realDisk, allocate = ALLOCATED_BYTES }: AppendLogOptions = {}): Promise<{ log: AppendLog; payloads: Uint8Array[] }> {
    const found = await readOrEmpty(disk, file);
    const { payloads, end, tail } = parseLog(found);
    if (tail === 'corrupt') {
      throw new NodeError(
        'CorruptLog',
        `${file} is damaged at byte ${end}, in a part that was durable; restore it from a backup, or remove this validator's data and let it join anew with a new key`,
      );
    }
    const repaired = await disk.open(file, end === 0 ? 'w' : 'r+', 0o600);
    try {
      if (tail === 'torn') await repaired.truncate(end);
      if (end === 0) await writeFully(repaired, LOG_MAGIC, 0);
      await repaired.sync();
      await syncDirectory(disk, path.dirname(file));
    } finally {
      await repaired.close();
    }
    const handle = await disk.open(file, DURABLE_WRITES);
    const length = Math.max(end, LOG_MAGIC.length);
    const allocated = tail === 'clean' ? Math.max(length, found.length) : length;
    return { log: new AppendLog(file, handle, length, allocated, { disk, allocate }), payloads };
  }

  /** Bytes of its content that are durable. */
  get size(): number {
    return this.length;
  }

  /** Resolves when the payload is on the disk. */
  append(payload: Uint8Array): Promise<void> {
    if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) {
      return Promise.reject(new NodeError('StorageFailed', `a record of ${payload.length} bytes; 1 to ${MAX_PAYLOAD_BYTES} are allowed`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ payload, resolve, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      void this.#work.then(() => this.#flush());
    });
  }

  /** Replaces the content by what `select` returns when its turn comes: after all earlier appends, before all later ones. */
  rewrite(select: () => Iterable<Uint8Array>): Promise<void> {
    return this.#enqueue(async () => {
      const bytes = encodeLog(select());
      await replaceFile(this.options.disk, this.file, bytes);
      const old = this.handle;
      this.handle = await this.options.disk.open(this.file, DURABLE_WRITES);
      this.length = this.allocated = bytes.length;
      await old.close();
    });
  }

  async close(): Promise<void> {
    await this.#work.catch(() => undefined);
    await this.handle.close();
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const run = this.#work.then(async () => {
      if (this.#failure) throw this.#failure;
      try {
        await work();
      } catch (cause) {
        this.#failure = new NodeError('StorageFailed', `writing ${this.file} failed: ${reasonOf(cause)}`, { cause });
        throw this.#failure;
      }
    });
    this.#work = run.catch(() => undefined);
    return run;
  }

  async #flush(): Promise<void> {
    this.#scheduled = false;
    const batch = this.#waiting;
    this.#waiting = [];
    const written = this.#enqueue(async () => {
      const frames = batch.map(({ payload }) => encodeFrame(payload, this.length));
      const end = this.length + frames.reduce((sum, { length }) => sum + length, 0);
      if (end > this.allocated) frames.push(Buffer.alloc(this.options.allocate));
      const bytes = frames.length === 1 ? frames[0]! : Buffer.concat(frames);
      await writeFully(this.handle, bytes, this.length);
      this.allocated = Math.max(this.allocated, this.length + bytes.length);
      this.length = end;
    });
    await written.then(
      () => batch.forEach(({ resolve }) => resolve()),
      (error: unknown) => batch.forEach(({ reject }) => reject(error)),
    );
  }
}

async function readOrEmpty(disk: Disk, file: string): Promise<Uint8Array> {
  try {
    return await disk.readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array(0);
    throw new NodeError('StorageFailed', `${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

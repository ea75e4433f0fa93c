// The write-ahead log of this validator's votes: a vote is durable here before it leaves, so that no restart ever contradicts one.
import { fromUtf8, utf8 } from '../../../crypto/encoding.js';
import { NodeError, reasonOf } from '../nodeError.js';
import { AppendLog } from './appendLog.js';
import type { Disk } from './durableFile.js';

const REWRITE_ABOVE_BYTES = 8 * 1024 * 1024;

/** One line: the vote, and how many were cast up to it; without a vote, the count alone. */
type Line<T> = { count: number } & ({ record: T } | { record?: undefined });

/** Records of heights already final are dropped when the file has grown; `T` is the core's record of one vote. */
export class VoteLog<T extends { height: number }> {
  #durable: number;
  private constructor(
    private readonly log: AppendLog,
    private records: T[],
    private count: number,
    private readonly rewriteAbove: number,
  ) {
    this.#durable = count;
  }

  /** Throws NodeError 'CorruptLog'. */
  static async open<T extends { height: number }>(file: string, options: { disk?: Disk; rewriteAbove?: number; allocate?: number } = {}): Promise<VoteLog<T>> {
    const { log, payloads } = await AppendLog.open(file, options);
    const lines = payloads.map((payload, i) => decode<T>(file, i, payload));
    const records = lines.flatMap(({ record }) => (record ? [record] : []));
    return new VoteLog(log, records, lines.at(-1)?.count ?? 0, options.rewriteAbove ?? REWRITE_ABOVE_BYTES);
  }

  /** Votes that are durable, of all runs; it never goes back. */
  get cast(): number {
    return this.#durable;
  }

  /** Votes of this height and above, in the order in which they were cast. */
  from(height: number): T[] {
    return this.records.filter((record) => record.height >= height);
  }

  /** Resolves when the vote is durable. */
  async append(record: T): Promise<void> {
    this.records.push(record);
    const count = ++this.count;
    await this.log.append(encode({ count, record }));
    this.#durable = Math.max(this.#durable, count);
  }

  /** Tells that everything below `height` is final. */
  async finalised(height: number): Promise<void> {
    this.records = this.from(height);
    if (this.log.size <= this.rewriteAbove) return;
    await this.log.rewrite(() => [...this.records.map((record) => encode({ count: this.count, record })), encode({ count: this.count })]);
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

/** Throws NodeError 'RolledBack' when the log has fewer votes than the block store says were durable: an older copy of the file was put back. */
export function refuseRolledBack(file: string, { cast }: { cast: number }, known: number): void {
  if (cast >= known) return;
  throw new NodeError(
    'RolledBack',
    `${file} holds ${cast} of the ${known} votes that this validator has cast: an older copy was put back, or it was removed, and voting on would contradict what it signed; ` +
      'put the present file back, or move the data directory away and join anew with a new key',
  );
}

function encode<T>(line: Line<T>): Uint8Array {
  return utf8(JSON.stringify(line));
}

function decode<T>(file: string, index: number, payload: Uint8Array): Line<T> {
  try {
    const value = JSON.parse(fromUtf8(payload)) as Line<T> | T;
    // Lines written before votes were counted are the vote itself.
    return 'count' in (value as object) ? (value as Line<T>) : { count: index + 1, record: value as T };
  } catch (cause) {
    throw new NodeError('CorruptLog', `${file}: record ${index} is no JSON: ${reasonOf(cause)}`, { cause });
  }
}

// The write-ahead log of this validator's votes: a vote is durable here before it leaves, so that no restart ever contradicts one.
import { fromUtf8, utf8 } from '../../../crypto/encoding.js';
import { NodeError, reasonOf } from '../nodeError.js';
import { AppendLog } from './appendLog.js';
import { disk as realDisk, type Disk } from './durableFile.js';

const REWRITE_ABOVE_BYTES = 8 * 1024 * 1024;

/** Records of heights already final are dropped when the file has grown; `T` is the core's record of one vote. */
export class VoteLog<T extends { height: number }> {
  private constructor(
    private readonly log: AppendLog,
    private records: T[],
    private readonly rewriteAbove: number,
  ) {}

  /** Throws NodeError 'CorruptLog'. */
  static async open<T extends { height: number }>(file: string, options: { disk?: Disk; rewriteAbove?: number } = {}): Promise<VoteLog<T>> {
    const { log, payloads } = await AppendLog.open(file, options.disk ?? realDisk);
    const records = payloads.map((payload, i) => decode<T>(file, i, payload));
    return new VoteLog(log, records, options.rewriteAbove ?? REWRITE_ABOVE_BYTES);
  }

  /** Votes of this height and above, in the order in which they were cast. */
  from(height: number): T[] {
    return this.records.filter((record) => record.height >= height);
  }

  /** Resolves when the vote is durable. */
  async append(record: T): Promise<void> {
    this.records.push(record);
    await this.log.append(utf8(JSON.stringify(record)));
  }

  /** Tells that everything below `height` is final. */
  async finalised(height: number): Promise<void> {
    this.records = this.from(height);
    if (this.log.size <= this.rewriteAbove) return;
    await this.log.rewrite(() => this.records.map((record) => utf8(JSON.stringify(record))));
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

function decode<T>(file: string, index: number, payload: Uint8Array): T {
  try {
    return JSON.parse(fromUtf8(payload)) as T;
  } catch (cause) {
    throw new NodeError('CorruptLog', `${file}: record ${index} is no JSON: ${reasonOf(cause)}`, { cause });
  }
}

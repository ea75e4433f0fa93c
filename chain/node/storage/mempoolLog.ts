// The log behind the mempool: a transaction is durable here before this validator acknowledges it, and comes back after a restart.
import { fromUtf8, utf8 } from '../../../crypto/encoding.js';
import { AppendLog } from './appendLog.js';
import type { Disk } from './durableFile.js';

const REWRITE_ABOVE_BYTES = 32 * 1024 * 1024;

export class MempoolLog {
  #rewriting = false;
  private constructor(
    private readonly log: AppendLog,
    private readonly rewriteAbove: number,
  ) {}

  /** `found` are the raw transactions of earlier runs, oldest first; some may be in blocks already. */
  static async open(file: string, options: { disk?: Disk; rewriteAbove?: number } = {}): Promise<{ log: MempoolLog; found: string[] }> {
    const { log, payloads } = await AppendLog.open(file, options);
    return { log: new MempoolLog(log, options.rewriteAbove ?? REWRITE_ABOVE_BYTES), found: payloads.map(fromUtf8) };
  }

  /** Resolves when the transaction is durable. */
  append(raw: string): Promise<void> {
    return this.log.append(utf8(raw));
  }

  /** Drops what is no longer waiting once the file has grown; `waiting` is called when no append is under way. */
  async prune(waiting: () => Iterable<string>): Promise<void> {
    if (this.log.size <= this.rewriteAbove || this.#rewriting) return;
    this.#rewriting = true;
    try {
      await this.log.rewrite(() => Array.from(waiting(), utf8));
    } finally {
      this.#rewriting = false;
    }
  }

  close(): Promise<void> {
    return this.log.close();
  }
}

// When what waits is worth a block, and when others are told of it: at once, but of what nobody waits for only after a while, together.
import { PATIENCE_MS } from '../patience.js';
import type { Mempool, Waiting } from './mempool.js';

/** So many go without waiting any longer: executing more takes a validator's thread for too long at once. */
const ENOUGH = 128;
/** By then its client has handed it to all validators, and telling them costs an id. */
const TOLD_AFTER_MS = PATIENCE_MS.gather;

export interface PaceHooks {
  /** There is something to propose. */
  work(): void;
  /** A client gave it to this validator, and the others may be told. */
  accepted(entry: Waiting): void;
}

/** How long, in ms, what waits may still wait for others; 0 when there is work now, undefined when nothing waits that a block is made for. `blockAt`: the last block with transactions. */
export function dueIn(pool: Pick<Mempool, 'size' | 'urgent' | 'all'>, blockAt: number, now: number): number | undefined {
  if (pool.urgent > 0 || pool.size >= ENOUGH) return 0;
  for (const { since, unhurried } of pool.all()) if (!unhurried) return Math.max(0, Math.max(since + PATIENCE_MS.gather, Math.min(since, blockAt) + PATIENCE_MS.apart) - now);
  return undefined;
}

export class Pace {
  #due: NodeJS.Timeout | undefined;
  #blockAt = 0;
  #untold: Waiting[] = [];
  #telling: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Mempool,
    private readonly hooks: PaceHooks,
  ) {}

  /** Asked whenever a height begins; what has to wait is woken up for. */
  hasWork(): boolean {
    const due = dueIn(this.pool, this.#blockAt, Date.now());
    if (due === 0) return true;
    if (due !== undefined) this.#due ??= setTimeout(() => this.#wake(), due);
    return false;
  }

  /** Something was added to the pool. */
  added(): void {
    if (this.hasWork()) this.hooks.work();
  }

  /** A block with transactions is final. */
  blockFinal(): void {
    this.#blockAt = Date.now();
  }

  accepted(entry: Waiting): void {
    if (!entry.patient) return this.hooks.accepted(entry);
    this.#untold.push(entry);
    this.#telling ??= setTimeout(() => this.#tell(), TOLD_AFTER_MS);
  }

  stop(): void {
    clearTimeout(this.#due);
    clearTimeout(this.#telling);
  }

  #wake(): void {
    this.#due = undefined;
    this.added();
  }

  #tell(): void {
    this.#telling = undefined;
    const untold = this.#untold;
    this.#untold = [];
    for (const entry of untold) if (this.pool.get(entry.id)) this.hooks.accepted(entry);
  }
}

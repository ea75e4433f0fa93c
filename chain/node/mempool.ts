// Transactions that wait for a block: deduplicated by id, limited in all and per sender, in the order in which they came.

export interface Waiting {
  id: string;
  raw: string;
  /** RFC 9162 leaf hash of `raw`, hex: how blocks on links name it. */
  leaf: string;
  sender: string;
  validUntil: number;
  /** Nobody waits for it to be in a block (chain/patience.ts). */
  patient: boolean;
  /** Patient, and it waits for whatever block comes next. */
  unhurried?: boolean;
  /** Uids of the pod that it lets in, and of the pod that it places and that must have been let in before (chain/patience.ts). */
  letsIn?: string | undefined;
  places?: string | undefined;
  /** When it came, ms since the epoch. */
  since: number;
  bytes: number;
  /** In this validator's log, because a client gave it here; not only told by another validator. */
  own: boolean;
  /** Resolves when it is in the log, if it is own. */
  durable: Promise<void>;
}
export interface MempoolLimits {
  transactions: number;
  bytes: number;
  perSender: number;
}
export type AddOutcome = 'added' | 'known' | 'Full' | 'SenderFull';

export const MEMPOOL_LIMITS: MempoolLimits = { transactions: 50_000, bytes: 64 * 1024 * 1024, perSender: 20_000 };

export class Mempool {
  readonly #waiting = new Map<string, Waiting>();
  readonly #byLeaf = new Map<string, Waiting>();
  readonly #perSender = new Map<string, number>();
  readonly #letIn = new Set<string>();
  readonly #placing = new Set<Waiting>();
  #bytes = 0;
  #urgent = 0;

  constructor(private readonly limits: MempoolLimits = MEMPOOL_LIMITS) {}

  get size(): number {
    return this.#waiting.size;
  }
  get bytes(): number {
    return this.#bytes;
  }

  /** How many wait for a block as soon as there can be one. */
  get urgent(): number {
    return this.#urgent;
  }

  get(id: string): Waiting | undefined {
    return this.#waiting.get(id);
  }

  byLeaf(leaf: string): Waiting | undefined {
    return this.#byLeaf.get(leaf);
  }

  /** Whether one more from this sender would be taken; 'known' when it waits already. */
  room(id: string, sender: string, bytes: number): Exclude<AddOutcome, 'added'> | undefined {
    if (this.#waiting.has(id)) return 'known';
    if (this.#waiting.size >= this.limits.transactions || this.#bytes + bytes > this.limits.bytes) return 'Full';
    return (this.#perSender.get(sender) ?? 0) >= this.limits.perSender ? 'SenderFull' : undefined;
  }

  add(entry: Waiting): AddOutcome {
    const obstacle = this.room(entry.id, entry.sender, entry.bytes);
    if (obstacle) return obstacle;
    this.#waiting.set(entry.id, entry);
    this.#byLeaf.set(entry.leaf, entry);
    this.#perSender.set(entry.sender, (this.#perSender.get(entry.sender) ?? 0) + 1);
    this.#bytes += entry.bytes;
    if (!entry.patient) this.#urgent += 1;
    if (entry.letsIn !== undefined) this.#letIn.add(entry.letsIn);
    if (entry.places !== undefined) this.#placing.add(entry);
    return 'added';
  }

  remove(id: string): void {
    const entry = this.#waiting.get(id);
    if (!entry) return;
    this.#waiting.delete(id);
    this.#byLeaf.delete(entry.leaf);
    this.#bytes -= entry.bytes;
    if (!entry.patient) this.#urgent -= 1;
    if (entry.letsIn !== undefined) this.#letIn.delete(entry.letsIn);
    this.#placing.delete(entry);
    const left = this.#perSender.get(entry.sender)! - 1;
    if (left === 0) this.#perSender.delete(entry.sender);
    else this.#perSender.set(entry.sender, left);
  }

  /** Drops those that can no longer be executed at `height`. */
  expire(height: number): string[] {
    const expired = [...this.#waiting.values()].filter(({ validUntil }) => validUntil < height).map(({ id }) => id);
    for (const id of expired) this.remove(id);
    return expired;
  }

  /** The oldest that fit, oldest first; they stay until they are removed. One that does not fit the rest of the block ends the selection. */
  oldest({ transactions, bytes }: { transactions: number; bytes: number }): Waiting[] {
    const chosen: Waiting[] = [];
    let left = bytes;
    for (const entry of this.#waiting.values()) {
      left -= entry.bytes;
      if (chosen.length === transactions || left < 0) break;
      chosen.push(entry);
    }
    return chosen;
  }

  /** Whether a pod's placement came at `since` or later and nothing that waits here lets the pod in; `isLetIn`: the chain has. */
  lacksVerdict(since: number, isLetIn: (podUid: string) => boolean): boolean {
    for (const { places, since: came } of this.#placing) if (came >= since && !this.#letIn.has(places!) && !isLetIn(places!)) return true;
    return false;
  }

  /** Oldest first. */
  all(): Iterable<Waiting> {
    return this.#waiting.values();
  }
}

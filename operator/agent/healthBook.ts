// Whether a node is there, from what is seen of its kubelet: answers of its health address, or renewals of its lease. Pure: times are given.

export type Health = 'alive' | 'gone' | 'unknown';

/** A kubelet renews its lease every 10 s; one renewal may come late, a second not. */
const LEASE_STALE_MS = 15_000;
/** Two probes in a row, 2 s apart, and the time they take. */
const UNANSWERED_MS = 3_500;

interface Seen {
  /** Of the last sign of life. */
  at: number;
  renewTime?: string;
  staleMs: number;
}

export class HealthBook {
  readonly #seen = new Map<string, Seen>();

  /** The health address answered, or did not. What never answered says nothing. */
  answered(name: string, ok: boolean, now: number): void {
    if (ok) this.#seen.set(name, { at: now, staleMs: UNANSWERED_MS });
  }

  /** By change, not by its clock: the node's may be another one. */
  lease(name: string, renewTime: string, now: number): void {
    const before = this.#seen.get(name);
    if (before?.renewTime !== renewTime) this.#seen.set(name, { at: now, renewTime, staleMs: LEASE_STALE_MS });
  }

  of(name: string, now: number): Health {
    const seen = this.#seen.get(name);
    if (!seen) return 'unknown';
    return now - seen.at > seen.staleMs ? 'gone' : 'alive';
  }
}

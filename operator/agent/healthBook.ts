// Whether a node is there, from what is seen of its kubelet: answers of its health address, or renewals of its lease. Pure: times are given.

export type Health = 'alive' | 'gone' | 'unknown';

/** A kubelet renews its lease every 10 s; one renewal may come late, a second not. */
const LEASE_STALE_MS = 15_000;
/** No lease is believed for longer, however late all of them are: Kubernetes' own lease duration. */
const LEASE_OVER_MS = 40_000;
/** Where all renewals come late it is the API server that is slow: a node is gone when its own is so much later than half of the others'. */
const LATER_THAN_HALF = 2.5;
/** Three probes in a row, 2 s apart, and the time they take: a busy machine misses one or two. */
const UNANSWERED_MS = 7_500;

interface Lease {
  /** When its renewal was seen. */
  at: number;
  renewTime: string;
}

export class HealthBook {
  /** When the health address answered last. */
  readonly #answered = new Map<string, number>();
  readonly #leases = new Map<string, Lease>();
  /** As of the last look at the leases; what was not looked at is not held against a node. */
  #leasesAsOf = 0;
  #leaseLimit = LEASE_STALE_MS;

  /** The health address answered, or did not. What never answered says nothing. */
  answered(name: string, ok: boolean, now: number): void {
    if (ok) this.#answered.set(name, now);
  }

  /** All leases there are, by name with their renewal times, as they were at `now`. By change, not by its clock: the node's may be another one. */
  leases(renewals: Iterable<readonly [name: string, renewTime: string]>, now: number): void {
    for (const [name, renewTime] of renewals) if (this.#leases.get(name)?.renewTime !== renewTime) this.#leases.set(name, { at: now, renewTime });
    this.#leasesAsOf = now;
    const ages = [...this.#leases.values()].map(({ at }) => now - at).sort((a, b) => a - b);
    const half = ages[Math.floor((ages.length - 1) / 2)] ?? 0;
    this.#leaseLimit = Math.min(LEASE_OVER_MS, Math.max(LEASE_STALE_MS, LATER_THAN_HALF * half));
  }

  of(name: string, now: number): Health {
    const answered = this.#answered.get(name);
    if (answered !== undefined) return now - answered > UNANSWERED_MS ? 'gone' : 'alive';
    const lease = this.#leases.get(name);
    if (!lease) return 'unknown';
    return this.#leasesAsOf - lease.at > this.#leaseLimit ? 'gone' : 'alive';
  }
}

// The placements that certified blocks brought, so that a binding is checked without asking any validator for the decision.
import { LRUCache } from 'lru-cache';
import type { FinalisedBlock, SchedulingDecision, SignedTransaction } from '../chain/types.js';
import type { Statement } from '../receipts/types.js';

export type CertifiedPlacement = Pick<SchedulingDecision, 'pod' | 'targetNode' | 'specHash'>;

/** A binding follows its decision at once; what is older is asked for again, for it may have ended since. */
const KEPT_MS = 60_000;
const KEPT = 20_000;
const PLACEMENT = '"operationType":"placement.';

export class PlacementBook {
  readonly #placed = new LRUCache<string, CertifiedPlacement>({ max: KEPT, ttl: KEPT_MS });
  readonly #expected = new Map<string, Set<() => void>>();

  /** To be called with every block. */
  note({ transactions, statements }: Pick<FinalisedBlock, 'transactions' | 'statements'>): void {
    transactions.forEach((raw, index) => {
      const statement = statements[index]!;
      if (!statement.includes(PLACEMENT)) return;
      const { operationType, code, object, details } = (JSON.parse(statement) as Statement).predicate;
      const uid = object?.uid;
      if (uid === undefined) return;
      if (operationType !== 'placement.request') {
        if (code !== 'Running') this.#placed.delete(uid);
      } else if (code === 'Placed') {
        const { specHash } = (JSON.parse(raw) as SignedTransaction<'placement.request'>).body.payload;
        const pod = { kind: object!.kind, namespace: object!.namespace ?? '', name: object!.name, uid };
        this.#placed.set(uid, { pod, targetNode: (details as { node: string }).node, specHash });
        for (const seen of this.#expected.get(uid) ?? []) seen();
      }
    });
  }

  of(uid: string): CertifiedPlacement | undefined {
    return this.#placed.get(uid);
  }

  /** The same, and where there is none the one that comes within `ms`. */
  async soon(uid: string, ms: number): Promise<CertifiedPlacement | undefined> {
    if (!this.#placed.has(uid)) await this.#seen(uid, ms);
    return this.#placed.get(uid);
  }

  #seen(uid: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#expected.get(uid) ?? new Set<() => void>();
      const seen = () => {
        clearTimeout(timer);
        waiting.delete(seen);
        if (waiting.size === 0) this.#expected.delete(uid);
        resolve();
      };
      const timer = setTimeout(seen, ms);
      this.#expected.set(uid, waiting.add(seen));
    });
  }
}

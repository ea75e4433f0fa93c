// Which nodes are lost, and which have fallen silent and are to be declared lost: told from the finalised blocks' beats.
import { NODE_SILENT_MS, type FinalisedBlock, type NodeRecord, type SignedTransaction } from '../../chain/types.js';
import type { ReceiptPredicate } from '../../receipts/types.js';

/** Beyond the ledger's own limit, which counts up to the block before. */
const MARGIN_MS = 1_000;

export class LostNodes {
  readonly #lost = new Map<string, string>();
  /** Block time of the last beat of each node that beats. */
  readonly #beats = new Map<string, number>();

  /** Why it is lost; undefined when it is not. */
  readonly why = (node: string): string | undefined => this.#lost.get(node);

  /** What the ledger says at the beginning. */
  begin(nodes: readonly NodeRecord[]): void {
    for (const { name, lost } of nodes) if (lost !== undefined) this.#lost.set(name, lost);
  }

  /** To be called with every block, before its receipts. */
  block({ header: { timestamp }, transactions }: FinalisedBlock): void {
    for (const raw of transactions) {
      if (!raw.includes('"type":"node.beat"')) continue;
      const { body } = JSON.parse(raw) as SignedTransaction;
      if (body.type === 'node.beat') for (const name of (body as SignedTransaction<'node.beat'>['body']).payload.nodes) this.#beats.set(name, timestamp);
    }
  }

  /** Names of nodes that were lost or came back by it. */
  receipt({ operationType, code, object, reason, details }: ReceiptPredicate): string[] {
    if (operationType === 'node.lost' && code === 'Lost') {
      this.#lost.set(object!.name, reason.replace(/^node \S+ is lost: /, '').replace(/; \d+ pods placed .*$/, ''));
      return [object!.name];
    }
    if (operationType === 'node.remove' && code === 'Removed') {
      this.#beats.delete(object!.name);
      return this.#lost.delete(object!.name) ? [object!.name] : [];
    }
    if (operationType !== 'node.beat' || code !== 'Heard') return [];
    const returned = (details as { returned?: string[] } | undefined)?.returned ?? [];
    for (const name of returned) this.#lost.delete(name);
    return returned;
  }

  /** Nodes whose beats have ended, as of chain time `now`. */
  silent(now: number): string[] {
    return [...this.#beats].filter(([name, last]) => now - last > NODE_SILENT_MS + MARGIN_MS && !this.#lost.has(name)).map(([name]) => name);
  }
}

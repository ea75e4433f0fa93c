// The certified placement of each pod with its receipt: from blocks as they come, else read from the ledger with its proof.
import { LRUCache } from 'lru-cache';
import type { WorkloadDecision } from '../../api/index.js';
import type { ChainClient } from '../../chain/client/types.js';
import { stateKeys, type SchedulingDecision } from '../../chain/types.js';
import type { ReceiptPredicate, Statement } from '../../receipts/types.js';
import { describeError } from '../runtime/describeError.js';
import type { Logger } from '../runtime/logger.js';
import type { Pod } from '../runtime/kubeObject.js';

type Placed = Pick<WorkloadDecision, 'node' | 'height' | 'receiptId'>;

export class DecisionBook {
  readonly #placed = new LRUCache<string, Placed>({ max: 50_000 });

  constructor(
    private readonly client: ChainClient,
    private readonly logger: Logger,
  ) {}

  /** To be called with every receipt of the blocks. */
  note({ operationType, code, object, details, blockHeight, receiptId }: ReceiptPredicate): void {
    if (operationType !== 'placement.request' || code !== 'Placed' || !object?.uid) return;
    const { node } = details as { node: string };
    this.#placed.set(object.uid, { node, height: blockHeight, receiptId });
  }

  /** A pod that is not bound yet has one only when it came with a block. */
  async of({ metadata: { name, namespace, uid }, spec }: Pod): Promise<WorkloadDecision | undefined> {
    const known = this.#placed.get(uid) ?? (spec.nodeName ? await this.#read(uid, namespace, name) : undefined);
    return known && { pod: name, uid, ...known };
  }

  async #read(uid: string, namespace: string, name: string): Promise<Placed | undefined> {
    const { value: decision } = await this.client.getState<SchedulingDecision>(stateKeys.decision(uid));
    if (!decision) return undefined;
    const receiptId = await this.#receipt(namespace, name, decision.height);
    const placed = { node: decision.targetNode, height: decision.height, receiptId };
    if (receiptId !== '') this.#placed.set(uid, placed);
    return placed;
  }

  /** '' while no validator serves it. */
  async #receipt(namespace: string, name: string, height: number): Promise<string> {
    try {
      const bundles = await this.client.receiptsFor({ kind: 'Pod', namespace, name });
      const predicates = bundles.map(({ envelope }) => (JSON.parse(Buffer.from(envelope.payload, 'base64').toString('utf8')) as Statement).predicate);
      return predicates.find(({ operationType, blockHeight }) => operationType === 'placement.request' && blockHeight === height)?.receiptId ?? '';
    } catch (error) {
      const { code, message } = describeError(error);
      this.logger.debug(`receipts of pod ${namespace}/${name}: ${message}`, { code });
      return '';
    }
  }
}

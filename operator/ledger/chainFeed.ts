// Tells controllers what finalised blocks changed: each receipt's predicate in order, and that the policy set is another one.
import type { ChainClient } from '../../chain/client/types.js';
import type { FinalisedBlock } from '../../chain/types.js';
import type { ReceiptPredicate, Statement } from '../../receipts/types.js';
import type { Logger } from '../runtime/logger.js';

const POLICY_MS = 200;

export type ReceiptListener = (predicate: ReceiptPredicate) => void;

export class ChainFeed {
  readonly #receipts: ReceiptListener[] = [];
  readonly #blocks: ((block: FinalisedBlock) => void)[] = [];
  readonly #policies: (() => void)[] = [];
  #policyHeight = -1;
  #unsubscribe: (() => void) | undefined;
  #poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: ChainClient,
    private readonly logger: Logger,
  ) {}

  onReceipt(listener: ReceiptListener): void {
    this.#receipts.push(listener);
  }
  onBlock(listener: (block: FinalisedBlock) => void): void {
    this.#blocks.push(listener);
  }
  onPolicyChange(listener: () => void): void {
    this.#policies.push(listener);
  }

  /** From `fromHeight` on; the client must have been started. */
  start(fromHeight?: number): void {
    this.#policyHeight = this.client.policySet().policyHeight;
    this.#unsubscribe = this.client.onBlock((block) => this.#block(block), fromHeight);
    // The client reads a new set after the block that made it, so a block is not the moment to look.
    this.#poll = setInterval(() => this.#lookForPolicies(), POLICY_MS);
  }
  stop(): void {
    this.#unsubscribe?.();
    clearInterval(this.#poll);
  }

  #block(block: FinalisedBlock): void {
    for (const listener of this.#blocks) listener(block);
    for (const text of block.statements) {
      const { predicate } = JSON.parse(text) as Statement;
      for (const listener of this.#receipts) listener(predicate);
    }
  }

  #lookForPolicies(): void {
    const { policyHeight } = this.client.policySet();
    if (policyHeight === this.#policyHeight) return;
    this.logger.debug('the policy set changed', { policyHeight });
    this.#policyHeight = policyHeight;
    for (const listener of this.#policies) listener();
  }
}

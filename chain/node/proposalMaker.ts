// Makes the block that this validator proposes: a moment's gathering, the verdicts that placements rest on, then the oldest transactions that fit, executed.
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../patience.js';
import { selectTransactions } from '../ledger/selectTransactions.js';
import { stateKeys } from '../types.js';
import type { ChainState, ExecutedBlock } from './chainState.js';
import type { Mempool } from './mempool.js';
import { reasonOf } from './nodeError.js';

/** From the first transaction that waits to the proposal: others that come with it share the block. */
const GATHER_MS = 1;
/** Enough to go at once. */
const GATHERED = 64;

export interface MakerHooks {
  /** A waiting transaction can never be executed; `reason` for the log. */
  dropped(id: string, reason: string): void;
  failed(reason: string): void;
}

export class ProposalMaker {
  constructor(
    private readonly chain: ChainState,
    private readonly pool: Mempool,
    /** Own index in the set of the next height; asked only when it is this validator's turn. */
    private readonly self: () => number,
    private readonly hooks: MakerHooks,
  ) {}

  /** undefined when `wanted` turned false meanwhile. Later rounds carry less, so that a slow network still gets through. */
  async make(round: number, wanted: () => boolean): Promise<ExecutedBlock | undefined> {
    if (this.pool.size > 0 && this.pool.size < GATHERED) await sleep(GATHER_MS);
    const began = Date.now();
    while (wanted() && Date.now() - began < PATIENCE_MS.verdict && this.#lacksVerdict(began)) await sleep(GATHER_MS);
    if (!wanted()) return undefined;
    const transactions = this.#select(round);
    try {
      return this.#build(transactions);
    } catch (error) {
      this.hooks.failed(reasonOf(error));
      return this.#build([]);
    }
  }

  #lacksVerdict(now: number): boolean {
    return this.pool.lacksVerdict(now - PATIENCE_MS.verdict, (podUid) => this.chain.state.get(stateKeys.admission(podUid)) !== undefined);
  }

  #build(transactions: string[]): ExecutedBlock {
    return this.chain.build(transactions, Math.max(Date.now(), this.chain.header.timestamp + 1), this.self());
  }

  #select(round: number): string[] {
    const { genesis, state, height, isKnown, reader } = this.chain;
    const { maxBlockTransactions, maxBlockBytes } = genesis.consensus;
    const shrink = 4 ** Math.min(round, 10);
    const transactions = Math.max(1, Math.floor(maxBlockTransactions / shrink));
    const oldest = this.pool.oldest({ transactions, bytes: Math.max(maxBlockBytes / shrink, 512 * 1024) });
    // Which of two validators a client reached first says nothing: a verdict comes before the placement that rests on it.
    const inOrder = [...oldest.filter(({ places }) => places === undefined), ...oldest.filter(({ places }) => places !== undefined)];
    const ids = new Map(inOrder.map(({ raw, id }) => [raw, id]));
    const selection = selectTransactions(state, ids.keys(), { genesis, height: height + 1, isKnown, transactionReader: reader });
    for (const { raw, error } of selection.dropped) {
      const id = ids.get(raw)!;
      this.pool.remove(id);
      this.hooks.dropped(id, error.message);
    }
    return selection.transactions;
  }
}

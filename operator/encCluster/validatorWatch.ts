// Tells which validators take part, from the certificates of recent blocks: who signed or proposed one of them is connected.
import type { ValidatorStatus } from '../../api/index.js';
import type { FinalisedBlock, Genesis } from '../../chain/types.js';

/** A certificate holds only the fastest quorum, so it takes several to see everybody. */
export const WINDOW_BLOCKS = 50;
/** Several block times and round changes. */
const STALL_MS = 20_000;

const signed = (signers: string, index: number) =>
  ((Number.parseInt(signers.slice((index >> 3) * 2, (index >> 3) * 2 + 2), 16) >> (index & 7)) & 1) === 1;

export class ValidatorWatch {
  /** By validator: the last height at which it was seen. */
  readonly #seen = new Map<number, number>();
  #first = Number.POSITIVE_INFINITY;
  #height = 0;
  #blockAt: number;

  constructor(
    private readonly genesis: Genesis,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.#blockAt = now();
  }

  block({ header: { height, proposer }, certificate: { signers } }: FinalisedBlock): void {
    this.#height = height;
    this.#first = Math.min(this.#first, height);
    this.#blockAt = this.now();
    this.#seen.set(proposer, height);
    this.genesis.validatorSet.validators.forEach((_validator, index) => {
      if (signed(signers, index)) this.#seen.set(index, height);
    });
  }

  /** Until a whole window was seen, a validator that was not seen yet counts as connected. */
  status(): ValidatorStatus[] {
    const knowsEnough = this.#height - this.#first >= WINDOW_BLOCKS;
    return this.genesis.validatorSet.validators.map(({ address }, index) => {
      const last = this.#seen.get(index);
      return { address, connected: last === undefined ? !knowsEnough : last > this.#height - WINDOW_BLOCKS };
    });
  }

  stalled(): boolean {
    return this.now() - this.#blockAt > Math.max(STALL_MS, 5 * this.genesis.consensus.blockTimeMs);
  }
}

// The validator sets a client knows, from a trusted genesis on: each later one by a step that the set before it certified (ADR 6).
import { takeStep } from '../../receipts/setSteps.js';
import type { BlockHeader, SetStep, ValidatorSet } from '../../receipts/types.js';
import { validatorsHash } from '../../receipts/validatorSet.js';
import { ChainError } from './chainError.js';

/** Signed by a set that is not known here yet: the steps that lead to it are to be asked for. */
export class UnknownSetError extends ChainError {}

interface KnownSet {
  since: number;
  hash: string;
  set: ValidatorSet;
}

export class KnownSets {
  readonly #sets: KnownSet[];

  constructor(
    private readonly chainId: string,
    genesis: ValidatorSet,
  ) {
    this.#sets = [{ since: 0, hash: validatorsHash(genesis), set: genesis }];
  }

  /** The latest. */
  get latest(): ValidatorSet {
    return this.#sets.at(-1)!.set;
  }
  /** The latest and the one before it: what a validator that is a block ahead or behind may go by. */
  get recent(): ValidatorSet[] {
    return this.#sets.slice(-2).map(({ set }) => set);
  }

  /** That must have signed the header. Throws UnknownSetError 'Unverified' when it is none of the known ones, or not that of its height. */
  of({ height, validatorsHash: hash }: BlockHeader): ValidatorSet {
    const known = this.#sets.findLast(({ since }) => since <= height)!;
    if (known.hash === hash) return known.set;
    throw new UnknownSetError('Unverified', `block ${height} is signed by the validator set ${hash}, the trusted set is ${known.hash}`);
  }

  /** Takes the steps that lead on from what is known. Throws ChainError 'Unverified' when one of them is not certified. */
  learn(steps: readonly SetStep[]): void {
    for (const step of steps) {
      const { since, hash, set } = this.#sets.at(-1)!;
      if (step.header.height < since || step.header.validatorsHash !== hash) continue;
      const verdict = takeStep(this.chainId, set, step);
      if (!verdict.ok) throw new ChainError('Unverified', verdict.message);
      this.#sets.push({ since: step.header.height + 1, hash: step.header.nextValidatorsHash, set: verdict.set });
    }
  }
}

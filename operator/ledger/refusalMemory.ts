// Remembers what the ledger refused, so that the same generation is sent again only when the policy set has changed or some time has passed.

export interface Refused {
  generation: number;
  policyHeight: number;
  code: string;
  reason: string;
}

export class RefusalMemory {
  readonly #refused = new Map<string, Refused & { until: number }>();

  constructor(
    private readonly keepMs: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  remember(key: string, refused: Refused): void {
    this.#refused.set(key, { ...refused, until: this.now() + this.keepMs });
  }

  forget(key: string): void {
    this.#refused.delete(key);
  }

  /** The refusal, while sending the same again would be answered the same. */
  standing(key: string, generation: number, policyHeight: number): Refused | undefined {
    const refused = this.#refused.get(key);
    if (!refused || refused.generation !== generation || refused.policyHeight !== policyHeight || refused.until <= this.now()) return undefined;
    return refused;
  }

  keys(): string[] {
    return [...this.#refused.keys()];
  }
}

// What a chain has to offer to be measured: the load, the clock and the process figures are the same for all.

/** Of one operation as the chain's clients send it, without proofs that travel beside it. */
export const OPERATION_BYTES = 1_024;

export interface ChainUnderTest {
  readonly name: string;
  /** Hands one operation in; resolves when this client has seen it committed. */
  commit(): Promise<void>;
  /** Of the validators that run, by index. */
  pids(): (number | undefined)[];
  /** Index of the validator that proposes next. */
  leader(): Promise<number>;
  /** kill -9. */
  kill(validator: number): Promise<void>;
  /** Starts it again; resolves when it takes part. */
  revive(validator: number): Promise<void>;
  /** Stops all and removes what they wrote. */
  stop(): Promise<void>;
}

// How patient the client is; milliseconds. Tests shorten it.

export interface Timing {
  /** One request to one validator. */
  requestMs: number;
  /** A read that nobody has answered for so long is asked of the next validator too. */
  hedgeMs: number;
  /** Between two looks at whether other validators are ahead of the one that is followed. */
  watchMs: number;
  /** While nobody waits for a result, the others are looked at only when no block came for so long: more than an empty block's interval. */
  quietMs: number;
  /** How long the followed validator may be behind a block that others have proved. */
  behindMs: number;
  /** Without a byte (heartbeats come where no block did for 5 s) the stream is taken for dead. */
  idleMs: number;
  /** Transactions submitted within this share one request when another is on its way. */
  batchMs: number;
  /** With many submissions under way, the next wait for each other at most so long and are signed and sent together; 0 = not. */
  gatherMs: number;
  /** The f+1 validators that are asked first for what is patient may take at least so long before the others are asked too. */
  firstMs: number;
  /** What enough validators have acknowledged is gathered for so long before the others get it: what something follows at once, and the rest. */
  soonMs: number;
  laterMs: number;
  /** A read or a submission as a whole, unless the caller says otherwise. */
  callMs: number;
  /** Waiting for a submission's result, unless the caller says otherwise. */
  finalityMs: number;
  /** start() as a whole. */
  startMs: number;
  /** First pause before what failed is tried again; doubled each time. */
  retryMs: number;
  /** For how long a validator that gave a false answer is asked last. */
  distrustMs: number;
  /** Between two reads of the policy set's pointer, besides those that blocks give cause for. */
  policyMs: number;
}

export const DEFAULT_TIMING: Timing = {
  requestMs: 3_000,
  hedgeMs: 150,
  watchMs: 1_000,
  quietMs: 3_000,
  behindMs: 400,
  idleMs: 12_000,
  batchMs: 1,
  gatherMs: 0,
  firstMs: 10,
  soonMs: 5,
  laterMs: 50,
  callMs: 5_000,
  finalityMs: 30_000,
  startMs: 60_000,
  retryMs: 50,
  distrustMs: 30_000,
  policyMs: 30_000,
};

// What the load was promised, and what the checker has to find in the chain.

export interface BoundPod {
  uid: string;
  name: string;
  node: string;
}

export interface Claims {
  /** Transaction ids: verdicts of refusals, flow decisions, submissions. Each was acknowledged. */
  transactions: string[];
  /** Pods that the API server took. */
  admitted: { uid: string; name: string }[];
  /** Pods that had a node. */
  bound: BoundPod[];
}

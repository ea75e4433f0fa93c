// One question to the compliance pipeline: what is recorded, what is known beyond it, and the policies and exceptions it is asked under.
import type { CompiledPolicySet, OtherEnd } from './compiledPolicySet.js';
import type { Excepting } from './exceptions.js';
import type { AdmissionFacts, AgreementFacts, Classification, DataFacts, LiveFacts, NodeFacts } from './types.js';

/** What is known of a flow's ends beyond their regions. */
export interface FlowEnds {
  other: OtherEnd;
  /** Highest class that each end is cleared for; null where it says nothing. */
  sourceClearance: Classification | null;
  destinationClearance: Classification | null;
  live: LiveFacts;
}

export interface Question {
  policies: CompiledPolicySet;
  facts: AdmissionFacts;
  data: DataFacts;
  /** The node under consideration; null before placement. */
  node: NodeFacts | null;
  ends: FlowEnds;
  excepting: Excepting;
  /** Agreements in force among those the data names. */
  agreements: readonly AgreementFacts[];
}

/** Label by which a pod declares that it speaks only encrypted protocols; it cannot change after admission. */
const ENCRYPTION_LABEL = 'enc.metanode.io/encryption-in-transit';

/** The declared flows of a pod that does not run yet: nothing flows, the other end is known by its region only. */
export function endsOfPod({ pod }: AdmissionFacts): FlowEnds {
  return {
    other: null,
    sourceClearance: null,
    destinationClearance: null,
    live: { encrypted: pod?.labels[ENCRYPTION_LABEL] === 'required', requestsPerSecond: 0, bytesPerSecond: 0, budget: Number.MAX_SAFE_INTEGER, healthy: true },
  };
}

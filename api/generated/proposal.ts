// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Condition, ReceiptReference } from './shared.js';

/** What validators vote on; it carries the signatures of its proposer and of the voters, for the operator holds none of their keys. */
export interface Proposal {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'Proposal';
  metadata: ObjectMeta;
  spec: ProposalSpec;
  status?: ProposalStatus;
}

export interface ProposalSpec {
  /**
   * What it is about.
   */
  title: string;
  /**
   * Why.
   */
  reason: string;
  /**
   * What it does; exactly one of these.
   */
  content: ProposalContents;
  /**
   * Account that proposes and leaves the deposit: its Ed25519 public key, hex.
   */
  proposer?: string;
  /**
   * Grows with each signature of one key about one thing (kubectl enc takes the time in ms); an earlier one does nothing any more.
   */
  serial?: number;
  /**
   * The proposer's, over title, reason and content (kubectl enc proposal sign); without it this is a draft.
   */
  signature?: string;
  /**
   * Signed votes of validators (kubectl enc proposal vote); a later one takes the place of an earlier one until the vote is closed.
   *
   * @maxItems 100
   */
  votes: SignedVote[];
}

export interface ProposalStatus {
  /**
   * Draft until its proposer signed; Passed waits for its timelock; Failed passed and could not be carried out any more; Annulled by the court; Refused when the ledger did not take it.
   */
  state?: 'Draft' | 'Pending' | 'Voting' | 'Passed' | 'Executed' | 'Rejected' | 'Failed' | 'Annulled' | 'Refused';
  /**
   * Id on the chain, known before it is there; what is voted on.
   */
  proposalId?: string;
  kind?: string;
  /**
   * Block that took it.
   */
  height?: number;
  /**
   * Votes so far, or as counted.
   */
  approve?: number;
  reject?: number;
  /**
   * Approvals that were needed, once it was counted.
   */
  needed?: number;
  closesAt?: string;
  executesAt?: string;
  outcome?: string;
  /**
   * Running pods whose light a policy change changes, as every validator computed it.
   */
  affected?: AffectedPods;
  observedGeneration?: number;
  /**
   * The newest receipt about this object.
   */
  latestReceipt?: ReceiptReference;
  /**
   * @maxItems 16
   */
  conditions?: Condition[];
}

export interface ProtocolVersion {
  version: number;
  height: number;
}

export interface ParameterChanges {
  /**
   * Name to new value; amounts in µBPI, times in ms.
   */
  changes: {
    [k: string]: number;
  };
  /**
   * In force from it on, or from the first block after the timelock.
   */
  height: number;
}

export interface ProposedValidator {
  address: string;
  ed25519PublicKey: string;
  blsPublicKey: string;
  blsProofOfPossession: string;
  /**
   * host:port of its link.
   */
  endpoint: string;
}

export interface ValidatorAddition {
  /**
   * As bpci validators candidate prints it.
   */
  validator: ProposedValidator;
}

export interface SubjectRemoval {
  subject: string;
  /**
   * Ids of slashes that the court did not reverse.
   *
   * @minItems 1
   * @maxItems 16
   */
  evidence: string[];
}

export interface EmergencyMeasure {
  action: 'HaltPlacement' | 'CordonNode';
  node: string;
}

export interface EmergencyAnswer {
  /**
   * Its proposal.
   */
  emergency: string;
  keep: boolean;
}

export interface ProposedPolicy {
  do: 'putPolicy' | 'putRule' | 'removePolicy' | 'removeRule';
  name: string;
  /**
   * Of a BisoPolicy or TrafficRule.
   */
  spec?: {
    [k: string]: unknown;
  };
}

export interface PolicySetChange {
  /**
   * @minItems 1
   * @maxItems 16
   */
  changes: ProposedPolicy[];
}

export interface ClusterSuccessor {
  chainId: string;
  genesisHash: string;
}

export interface ClusterTermination {
  cause: 'voluntary' | 'securityBreach' | 'legalProhibition';
  /**
   * The chain that data and obligations go to.
   */
  successor?: ClusterSuccessor;
}

export interface ProposalContents {
  /**
   * Rules that all nodes run from a height on, after 7 days (5.2).
   */
  protocolUpgrade?: ProtocolVersion;
  /**
   * The same at once, by 3/4+ (5.3).
   */
  securityPatch?: ProtocolVersion;
  /**
   * Parameters of the economy, after 3 days (5.2).
   */
  economicParameter?: ParameterChanges;
  /**
   * A new validator, by more than half (5.2).
   */
  nodeAddition?: ValidatorAddition;
  /**
   * A node or validator goes, on evidence of its violations (5.2).
   */
  nodeRemoval?: SubjectRemoval;
  /**
   * At once by 3/4+, over by itself unless confirmed (5.2).
   */
  emergency?: EmergencyMeasure;
  /**
   * Keeps an emergency's measure, or ends it.
   */
  emergencyConfirmation?: EmergencyAnswer;
  /**
   * Policies and rules; status.affected says whose light it changes.
   */
  policyChange?: PolicySetChange;
  /**
   * The end of the cluster (11.1).
   */
  termination?: ClusterTermination;
}

export interface SignedVote {
  /**
   * The validator's Ed25519 public key, hex.
   */
  validator: string;
  approve: boolean;
  /**
   * Grows with each signature of one key about one thing (kubectl enc takes the time in ms); an earlier one does nothing any more.
   */
  serial: number;
  /**
   * Over proposal and vote.
   */
  signature: string;
}

export interface AffectedPods {
  evaluated: number;
  changed: number;
  /**
   * @maxItems 100
   */
  pods?: string[];
}

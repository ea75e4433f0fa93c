// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Condition, ExceptionApprover, LabelSelector, ReceiptReference, Region } from './shared.js';

/** A Kubernetes cluster that is registered with the mainnet and whose pods it places (the plan, EncClusterRegistration). */
export interface EncCluster {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'EncCluster';
  metadata: ObjectMeta;
  spec: EncClusterSpec;
  status?: EncClusterStatus;
}

export interface EncClusterSpec {
  /**
   * UUID under which the cluster is registered; it cannot be changed (agreement 8.1, cluster_id).
   */
  clusterId: string;
  /**
   * Regions in which the cluster has nodes (the plan, geographic_region).
   *
   * @minItems 1
   * @maxItems 4
   */
  regions: Region[];
  /**
   * What the cluster can run, for instance oci-containers (the plan, ExecutionCapability).
   *
   * @maxItems 64
   */
  capabilities: string[];
  /**
   * Certifications held by the cluster's operator (the plan, ComplianceCertification).
   *
   * @maxItems 64
   */
  complianceCertifications: ComplianceCertification[];
  /**
   * Identifiers (spec.agreementId) of the Agreements the cluster is bound to (the plan, agreement_bindings).
   *
   * @maxItems 64
   */
  agreementBindings: string[];
  /**
   * The validator set that certifies the cluster's operations (agreement 5.1).
   */
  validators: ValidatorSettings;
  /**
   * Non-voting relays (agreement, Node Operators).
   */
  relays: RelaySettings;
  /**
   * Nodes that belong to the cluster; empty selects all.
   */
  nodeSelector: LabelSelector;
  /**
   * Where the data's class demands it, pods are placed only on nodes whose commitment has a TPM 2.0 quote (agreement 1.2); left out, no class does.
   */
  attestation?: AttestationDemand;
  /**
   * Stake required of a node's operator for each node (agreement 4.1).
   */
  minimumStake: string;
  /**
   * Namespaces in which no pod runs without a certified decision; empty selects all but the control plane's.
   */
  enforcedNamespaceSelector: LabelSelector;
  /**
   * Who may open this cluster's own policies in an emergency, for how long; left out, nobody can. It is fixed when the cluster is registered.
   */
  breakGlass?: BreakGlass;
  /**
   * Refuse workloads that run under no Agreement in force.
   */
  requireAgreement: boolean;
  /**
   * Recorded with the registration (agreement 8.1, ConsensusConfig); the mainnet's own are in its genesis.
   */
  consensusParameters: ConsensusParameters;
  /**
   * Fees the parties agreed on (agreement 4.2, 8.1), recorded with the registration; the mainnet charges those of its genesis.
   */
  economicParameters: EconomicParameters;
}

export interface EncClusterStatus {
  /**
   * Pending until the ledger holds the registration; Degraded when validators or all nodes are missing.
   */
  phase?: 'Pending' | 'Registered' | 'Degraded';
  chainId?: string;
  /**
   * Height of the verified block this status was read at.
   */
  height?: number;
  /**
   * @maxItems 100
   */
  validators?: ValidatorStatus[];
  /**
   * Nodes of the cluster that are committed on the ledger.
   */
  nodes?: NodeCounts;
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

export interface ComplianceCertification {
  /**
   * For instance SOC2 or ISO27001.
   */
  name: string;
  /**
   * Who issued it.
   */
  issuer: string;
  /**
   * End of validity, RFC 3339.
   */
  validUntil: string;
}

export interface ValidatorSettings {
  /**
   * Number of validators; 3f+1 tolerate f faulty ones.
   */
  size: number;
  /**
   * HTTP API of the validators, for instance http://127.0.0.1:21001.
   *
   * @minItems 1
   * @maxItems 100
   */
  endpoints: string[];
  /**
   * Percentage of the validators whose signatures finalise a block, at least two thirds (the plan, --finality-threshold).
   */
  finalityThreshold: number;
  /**
   * Longest time between two blocks when there is no work, as 2s or 500ms (the plan, --block-time).
   */
  blockTime: string;
}

export interface RelaySettings {
  /**
   * Number of relays.
   */
  count: number;
  /**
   * HTTP API of the relays.
   *
   * @maxItems 100
   */
  endpoints: string[];
}

export interface PcrPolicy {
  index: number;
  /**
   * @minItems 1
   * @maxItems 32
   */
  sha256: string[];
}

export interface AttestationDemand {
  /**
   * Classes of data that are placed on attested nodes only.
   *
   * @minItems 1
   * @maxItems 4
   */
  classifications: ('Public' | 'Internal' | 'Confidential' | 'Restricted')[];
  /**
   * Allowed values of PCRs of the SHA-256 bank; a PCR that is not named may have any.
   *
   * @maxItems 8
   */
  pcrs: PcrPolicy[];
  /**
   * SHA-256 of the attestation keys (x and y of P-256) that are allowed; any key where the list is empty.
   *
   * @maxItems 1000
   */
  keys: string[];
  /**
   * How old a node's quote may be when a pod is placed there.
   */
  maxAgeSeconds: number;
}

export interface BreakGlass {
  /**
   * @minItems 1
   * @maxItems 16
   */
  approvers: ExceptionApprover[];
  /**
   * How many of them must sign.
   */
  required: number;
  /**
   * How far ahead it may end at most when it is applied.
   */
  maxMinutes: number;
}

export interface ConsensusParameters {
  /**
   * IBFT means its corrected form, QBFT.
   */
  algorithm: 'IBFT';
  /**
   * Scheme of the validators' commit seals (agreement 2.2, 7.1).
   */
  signatureScheme: 'BLS12-381';
}

export interface EconomicParameters {
  /**
   * For each workload scheduling.
   */
  schedulingFee: string;
  /**
   * For each service call.
   */
  serviceMeshFee: string;
  /**
   * For each consensus round.
   */
  consensusFee: string;
  /**
   * For each operation receipt.
   */
  receiptFee: string;
}

export interface ValidatorStatus {
  address: string;
  /**
   * Signed one of the recent block certificates.
   */
  connected: boolean;
}

export interface NodeCounts {
  total: number;
  ready: number;
}

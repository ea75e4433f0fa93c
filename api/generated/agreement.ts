// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Classification, Condition, ReceiptReference, Region } from './shared.js';

/** Terms signed by all parties and deployed on the ledger; immutable from then on (the plan, AgreementDeployment). */
export interface Agreement {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'Agreement';
  metadata: ObjectMeta;
  spec: AgreementSpec;
  status?: AgreementStatus;
}

/**
 * All but the signatures is hashed; each party signs that hash. It has no defaults, so that what is signed is what is stored.
 */
export interface AgreementSpec {
  /**
   * Identifier of the agreement over all its versions (the plan, agreement_id).
   */
  agreementId: string;
  /**
   * Version of the terms, as 1.0.
   */
  version: string;
  /**
   * Who agrees; each signs.
   *
   * @minItems 2
   * @maxItems 16
   */
  parties: AgreementParty[];
  terms: AgreementTerms;
  /**
   * Law that governs the agreement, as US-DE for Delaware.
   */
  jurisdiction: string;
  /**
   * Agreement court that hears its disputes.
   */
  courtId: string;
  /**
   * What follows a violation (agreement 4.3, 9.2).
   *
   * @maxItems 32
   */
  enforcementRules: EnforcementRule[];
  /**
   * One for each party, over the agreement hash; the agreement stays a draft until all are there.
   *
   * @maxItems 16
   */
  signatures: AgreementSignature[];
}

export interface AgreementStatus {
  /**
   * Draft until all parties have signed; Rejected when the ledger refused it; the others as on the ledger.
   */
  state?: 'Draft' | 'InForce' | 'Breached' | 'Expired' | 'Terminated' | 'Rejected';
  /**
   * Agreement hash, 32 bytes hex.
   */
  hash?: string;
  /**
   * Block height of deployment.
   */
  height?: number;
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

export interface AgreementParty {
  /**
   * Name by which signatures refer to the party.
   */
  name: string;
  /**
   * For instance controller, processor or cluster-operator.
   */
  role: string;
  /**
   * Ed25519 public key, 32 bytes lower-case hex.
   */
  publicKey: string;
}

export interface AgreementTerms {
  /**
   * What the data is processed for.
   */
  purpose: string;
  /**
   * Data classes that may be processed under it.
   *
   * @minItems 1
   * @maxItems 4
   */
  classifications: Classification[];
  /**
   * Regions in which the data may be processed.
   *
   * @minItems 1
   * @maxItems 4
   */
  regions: Region[];
  /**
   * Regulations the parties keep, as GDPR or PCI-DSS.
   *
   * @maxItems 32
   */
  regulations: string[];
  /**
   * First moment in force, RFC 3339.
   */
  validFrom: string;
  /**
   * First moment no longer in force, RFC 3339.
   */
  validUntil: string;
  /**
   * BisoPolicies that cannot be changed or removed while the agreement is in force (agreement 7.2).
   *
   * @maxItems 64
   */
  requiredPolicies: string[];
  /**
   * Most replicas of one workload under the agreement.
   */
  maxReplicas?: number;
}

export interface EnforcementRule {
  /**
   * For instance resource_fraud (agreement 4.3).
   */
  violation: string;
  action: 'notify' | 'suspend' | 'terminate' | 'slash';
  /**
   * Share of the stake that is slashed, in percent.
   */
  penaltyPercent?: number;
}

export interface AgreementSignature {
  /**
   * Name of the party.
   */
  party: string;
  /**
   * Ed25519 over 'enc-agreement-v1', a zero byte and the agreement hash; 64 bytes lower-case hex.
   */
  signature: string;
}

// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Condition, LabelSelector, ReceiptReference } from './shared.js';

/** An exception from rules that a policy's approvers signed; a verdict it changes is recorded with and without it. */
export interface PolicyException {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'PolicyException';
  metadata: ObjectMeta;
  spec: PolicyExceptionSpec;
  status?: PolicyExceptionStatus;
}

export interface PolicyExceptionSpec {
  /**
   * What it is an exception from; nothing else is affected.
   *
   * @maxItems 16
   */
  targets: ExceptionTarget[];
  /**
   * Instead of targets, in an emergency, all BisoPolicies and TrafficRules but those that an Agreement in force requires; signed by the cluster's approvers, for hours at most.
   */
  breakGlass?: ExceptionBreakGlass;
  /**
   * Whom it is for; all that is given must fit.
   */
  scope: ExceptionScope;
  /**
   * Why, in words that an auditor understands.
   */
  reason: string;
  /**
   * First moment at which it does nothing any more, RFC 3339; at most 366 days ahead when it is applied, of a break-glass as many minutes as its EncCluster allows.
   */
  expiresAt: string;
  /**
   * Signatures of approvers that each target, or the EncCluster, names (kubectl enc exception sign).
   *
   * @maxItems 16
   */
  approvals: ExceptionApprovalSignature[];
}

export interface PolicyExceptionStatus {
  /**
   * Pending until the ledger answered; Refused when the ledger did not take this generation.
   */
  state?: 'Pending' | 'Active' | 'Refused';
  /**
   * Height of the policy set that first held this generation.
   */
  policyHeight?: number;
  /**
   * Hash of the spec in force, 32 bytes hex.
   */
  hash?: string;
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

export interface ExceptionTarget {
  kind: 'BisoPolicy' | 'TrafficRule';
  name: string;
  /**
   * @minItems 1
   * @maxItems 64
   */
  rules?: string[];
}

export interface ExceptionBreakGlass {
  /**
   * EncCluster whose spec.breakGlass names the approvers.
   */
  cluster: string;
}

export interface ExceptionScope {
  /**
   * Names, one by one.
   *
   * @minItems 1
   * @maxItems 16
   */
  namespaces: string[];
  /**
   * Workloads registered on the chain, by name; their pods only.
   *
   * @minItems 1
   * @maxItems 16
   */
  workloads?: string[];
  /**
   * Selects by labels; empty selects all.
   */
  podSelector?: LabelSelector;
}

export interface ExceptionApprovalSignature {
  /**
   * Ed25519 public key, 32 bytes lower-case hex.
   */
  publicKey: string;
  /**
   * Ed25519 signature over the exception without its approvals, hex.
   */
  signature: string;
}

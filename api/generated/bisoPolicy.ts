// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Classification, Clause, Condition, ExceptionApproval, LabelSelector, OperationType, ReceiptReference, Region } from './shared.js';

/** Rules about where data may be processed and sent, quoted by the refusals they cause (agreement 7.2). */
export interface BisoPolicy {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'BisoPolicy';
  metadata: ObjectMeta;
  spec: BisoPolicySpec;
  status?: BisoPolicyStatus;
}

export interface BisoPolicySpec {
  /**
   * What the policy is for.
   */
  description: string;
  /**
   * The policy speaks of data that belongs to one of these regions.
   *
   * @minItems 1
   * @maxItems 4
   */
  regions: Region[];
  /**
   * The policy speaks of data of one of these classes.
   *
   * @minItems 1
   * @maxItems 4
   */
  classifications: Classification[];
  /**
   * When the policy is asked (agreement 7.2); every policy is asked at admission and placement, runtime and continuous also later.
   */
  enforcement: 'pre-scheduling' | 'runtime' | 'continuous';
  /**
   * What a violation leads to (agreement 7.2); audit warns and lets through.
   */
  violationAction: 'reject_workload' | 'migrate_workload' | 'terminate_connection' | 'audit';
  /**
   * Who may sign a PolicyException from this object; left out, there are no exceptions from it.
   */
  exceptionApproval?: ExceptionApproval;
  /**
   * Each rule that matches must be met.
   *
   * @minItems 1
   * @maxItems 64
   */
  rules: BisoRule[];
}

export interface BisoPolicyStatus {
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

export interface BisoMatch {
  /**
   * Selects by labels; empty selects all.
   */
  podSelector?: LabelSelector;
  /**
   * Selects by labels; empty selects all.
   */
  namespaceSelector?: LabelSelector;
  /**
   * Selects by labels; empty selects all.
   */
  nodeSelector?: LabelSelector;
  /**
   * @minItems 1
   * @maxItems 4
   */
  classifications?: Classification[];
  /**
   * @minItems 1
   * @maxItems 4
   */
  sourceRegions?: Region[];
  /**
   * @minItems 1
   * @maxItems 4
   */
  destinationRegions?: Region[];
  /**
   * @minItems 1
   * @maxItems 5
   */
  operationTypes?: OperationType[];
  /**
   * Matches data that is under one of these regulations.
   *
   * @minItems 1
   * @maxItems 32
   */
  regulations?: string[];
  /**
   * Matches data that is processed under one of these Agreements, by name.
   *
   * @minItems 1
   * @maxItems 32
   */
  agreements?: string[];
}

export interface BisoRequirement {
  /**
   * Regions that placement and every destination must be in.
   *
   * @minItems 1
   * @maxItems 4
   */
  regions?: Region[];
  /**
   * True when the data must be processed under an Agreement in force that covers it.
   */
  agreementInForce?: boolean;
  /**
   * CEL expression that must be true, over pod, namespaceObject, data, request, agreements and node.
   */
  expression?: string;
}

export interface BisoRule {
  /**
   * Name of the rule, unique in its policy.
   */
  name: string;
  /**
   * What the rule is about; members that are left out match everything.
   */
  match: BisoMatch;
  /**
   * What must hold of everything the rule matches.
   */
  requirement: BisoRequirement;
  /**
   * The text a refusal or a warning quotes.
   */
  clause: Clause;
}

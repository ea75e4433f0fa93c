// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type {
  Classification,
  Clause,
  Condition,
  ExceptionApproval,
  LabelSelector,
  Light,
  OperationType,
  ReceiptReference,
  Region,
} from './shared.js';

/** Decides data flows: Green allows, Yellow allows with obligations, Red refuses (the plan, TrafficLightState). Of the rules that match a flow one decides: higher priority first, then Red before Yellow before Green, then by name. */
export interface TrafficRule {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'TrafficRule';
  metadata: ObjectMeta;
  spec: TrafficRuleSpec;
  status?: TrafficRuleStatus;
}

export interface TrafficRuleSpec {
  /**
   * Rules of higher priority decide first.
   */
  priority: number;
  /**
   * One end of a flow; members that are left out match everything. At the destination, classifications are those it is cleared for; a pod's declared flow has its data's own class there.
   */
  source: FlowEnd;
  /**
   * One end of a flow; members that are left out match everything. At the destination, classifications are those it is cleared for; a pod's declared flow has its data's own class there.
   */
  destination: FlowEnd;
  /**
   * Left out, the rule is about every operation type.
   *
   * @minItems 1
   * @maxItems 5
   */
  operationTypes?: OperationType[];
  /**
   * Green allows, Yellow allows with obligations, Red refuses.
   */
  light: Light;
  /**
   * The rule is about a flow only while all of these hold. What was not measured holds for Red rules and for no others.
   */
  conditions: TrafficConditions;
  /**
   * What a Yellow flow is allowed under.
   *
   * @maxItems 8
   */
  obligations: TrafficObligation[];
  /**
   * Who may sign a PolicyException from this object; left out, there are no exceptions from it.
   */
  exceptionApproval?: ExceptionApproval;
  /**
   * The text a refusal or a warning quotes.
   */
  clause: Clause;
}

export interface TrafficRuleStatus {
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

export interface FlowEnd {
  /**
   * Selects by labels; empty selects all.
   */
  podSelector?: LabelSelector;
  /**
   * Selects by labels; empty selects all.
   */
  namespaceSelector?: LabelSelector;
  /**
   * @minItems 1
   * @maxItems 4
   */
  regions?: Region[];
  /**
   * @minItems 1
   * @maxItems 4
   */
  classifications?: Classification[];
}

export interface TimeWindow {
  /**
   * First minute, HH:MM.
   */
  from: string;
  /**
   * First minute after it, HH:MM.
   */
  to: string;
}

export interface TrafficConditions {
  /**
   * The flow is, or is not, encrypted.
   */
  encrypted?: boolean;
  /**
   * The destination is, or is not, healthy.
   */
  healthy?: boolean;
  /**
   * The flow has at most so many requests per second.
   */
  maxRequestsPerSecond?: number;
  /**
   * The flow has at most so many bytes per second.
   */
  maxBytesPerSecond?: number;
  /**
   * The sender has at least so much left to spend on flows, as 10 BPI.
   */
  minimumBudget?: string;
  /**
   * Time of day, UTC; to may lie before from, over midnight.
   */
  timeWindow?: TimeWindow;
  /**
   * CEL expression that must be true, over pod, namespaceObject, data, request, agreements and flow.
   */
  expression?: string;
}

export interface TrafficObligation {
  type: 'encrypt' | 'rate-limit' | 'notify' | 'second-approval' | 'expire';
  /**
   * For rate-limit requestsPerSecond or bytesPerSecond; for notify to; for expire after (as 24h) or at (RFC 3339); for second-approval approvers.
   */
  parameters: {
    [k: string]: string;
  };
}

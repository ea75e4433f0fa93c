// Generated from crds/ by scripts/generate-types.ts; do not edit.

export type Classification = 'Public' | 'Internal' | 'Confidential' | 'Restricted';

export type Region = 'US' | 'EU' | 'APAC' | 'Global';

export interface ReceiptReference {
  /**
   * Receipt id, 32 bytes hex.
   */
  id: string;
  /**
   * Block that holds it.
   */
  height: number;
}

export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  observedGeneration?: number;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface ExceptionApprover {
  /**
   * Name by which verdicts refer to the approver.
   */
  name: string;
  /**
   * Ed25519 public key, 32 bytes lower-case hex.
   */
  publicKey: string;
}

export interface ExceptionApproval {
  /**
   * @minItems 1
   * @maxItems 16
   */
  approvers: ExceptionApprover[];
  /**
   * How many of them must sign.
   */
  required: number;
}

export interface LabelSelectorRequirement {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /**
   * @maxItems 32
   */
  values?: string[];
}

export interface LabelSelector {
  /**
   * Labels that all must be present with these values.
   */
  matchLabels?: {
    [k: string]: string;
  };
  /**
   * Requirements that all must hold.
   *
   * @maxItems 32
   */
  matchExpressions?: LabelSelectorRequirement[];
}

export type OperationType = 'Process' | 'Store' | 'Transfer' | 'Replicate' | 'Analyze';

export interface Clause {
  /**
   * The clause in its own words.
   */
  text: string;
  /**
   * Regulation it stems from, as GDPR.
   */
  regulation?: string;
  /**
   * Place in the regulation, as Art. 44.
   */
  article?: string;
  /**
   * What the user can do about a refusal.
   */
  cure?: string;
}

export type Light = 'Green' | 'Yellow' | 'Red';

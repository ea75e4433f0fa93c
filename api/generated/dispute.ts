// Generated from crds/ by scripts/generate-types.ts; do not edit.

import type { ObjectMeta } from '../objectMeta.js';
import type { Condition, ReceiptReference } from './shared.js';

/** A case before the Agreement Court; it carries the signatures of its parties, for the operator holds none of their keys. */
export interface Dispute {
  apiVersion: 'enc.metanode.io/v1alpha1';
  kind: 'Dispute';
  metadata: ObjectMeta;
  spec: DisputeSpec;
  status?: DisputeStatus;
}

export interface DisputeSpec {
  /**
   * Of agreement 9.1.
   */
  category: 'Scheduling' | 'Performance' | 'Economic' | 'Security' | 'Governance';
  /**
   * What the ledger carries out when the case is upheld.
   */
  remedy: 'Compensation' | 'ReverseSlash' | 'RemoveNode' | 'TerminateAgreement' | 'AnnulProposal';
  /**
   * Account that it is against: its Ed25519 public key, hex; none where it is the network itself (Compensation from its insurance fund too).
   */
  respondent: string;
  /**
   * slash/<id>, agreement/<hash>, proposal/<id>, validator/<key> or node/<name>.
   */
  subject: string;
  /**
   * Claimed.
   */
  amount: string;
  /**
   * What happened and what is asked for.
   */
  claim: string;
  /**
   * What the case is opened with; each is checked by every validator.
   *
   * @maxItems 16
   */
  evidence: CaseEvidence[];
  /**
   * Account that claims and leaves the deposit: its Ed25519 public key, hex.
   */
  claimant?: string;
  /**
   * Grows with each signature of one key about one thing (kubectl enc takes the time in ms); an earlier one does nothing any more.
   */
  serial?: number;
  /**
   * The claimant's, over all of the above (kubectl enc dispute sign); without it this is a draft.
   */
  signature?: string;
  /**
   * Evidence that anybody files later, signed.
   *
   * @maxItems 48
   */
  filings: SignedFiling[];
  /**
   * Signed appeals to the next tier, by whoever the decision went against.
   *
   * @maxItems 3
   */
  appeals: SignedAppeal[];
}

export interface DisputeStatus {
  /**
   * Draft until its claimant signed; then as the court has it; Refused when the ledger did not take it.
   */
  state?: 'Draft' | 'Pending' | 'Evidence' | 'Drawing' | 'Commit' | 'Reveal' | 'Decided' | 'Closed' | 'Refused';
  /**
   * Id on the chain, known before it is there.
   */
  caseId?: string;
  /**
   * Block that took it.
   */
  height?: number;
  /**
   * 0: decided by the ledger alone.
   */
  tier?: number;
  /**
   * When the present state ends.
   */
  deadline?: string;
  /**
   * The latest.
   */
  decision?: 'Upheld' | 'Dismissed';
  award?: string;
  /**
   * In escrow until no appeal is possible.
   */
  held?: string;
  /**
   * Arbitrators that sit on it, by account.
   *
   * @maxItems 16
   */
  panel?: string[];
  /**
   * Of that panel; what one says is known once its arbitrator has revealed it.
   *
   * @maxItems 16
   */
  ballots?: PanelBallot[];
  /**
   * What was filed, and what each piece was found to show.
   *
   * @maxItems 64
   */
  evidence?: string[];
  /**
   * @maxItems 8
   */
  decisions?: string[];
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

export interface CaseEvidence {
  type: 'receipt' | 'certificate' | 'state' | 'record' | 'testimony' | 'commitment' | 'disclosure';
  /**
   * Of a state record, as it is now (record) or was under a header (state).
   */
  key?: string;
  value?: string;
  text?: string;
  hash?: string;
  salt?: string;
  content?: string;
  /**
   * A receipt with its proofs.
   */
  bundle?: {
    [k: string]: unknown;
  };
  header?: {
    [k: string]: unknown;
  };
  certificate?: {
    [k: string]: unknown;
  };
  proof?: {
    [k: string]: unknown;
  };
}

export interface SignedFiling {
  /**
   * Who files it.
   */
  account: string;
  evidence: CaseEvidence;
  /**
   * Grows with each signature of one key about one thing (kubectl enc takes the time in ms); an earlier one does nothing any more.
   */
  serial: number;
  /**
   * Over case and evidence.
   */
  signature: string;
}

export interface SignedAppeal {
  /**
   * Who appeals.
   */
  account: string;
  grounds: string;
  /**
   * Grows with each signature of one key about one thing (kubectl enc takes the time in ms); an earlier one does nothing any more.
   */
  serial: number;
  /**
   * Over case and grounds.
   */
  signature: string;
}

export interface PanelBallot {
  /**
   * The arbitrator's.
   */
  account: string;
  state: 'Awaited' | 'Committed' | 'Upholds' | 'Dismisses';
  /**
   * What it awards.
   */
  award?: string;
}

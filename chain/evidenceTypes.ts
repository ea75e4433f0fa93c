// Evidence's data model: what is reported of a validator that contradicted itself, and what is remembered of it (ADR 6).
import type { EvidenceKind, Signed } from './consensus/types.js';

export interface EvidencePayloads {
  /** Two messages of one validator with the same type, height and round that no correct one signs both; their order means nothing. */
  'evidence.report': { first: Signed; second: Signed };
}

/** Kept for EVIDENCE_WINDOW heights after the messages'. */
export interface EvidenceRecord {
  /** Ed25519 public key. */
  validator: string;
  height: number;
  round: number;
  kind: EvidenceKind;
  /** Transaction that proved it, and the account that sent it. */
  transactionId: string;
  reporter: string;
  /** Id of the penalty; null when the validator has no account, or was punished for this kind of offence within its window already. */
  slash: string | null;
}

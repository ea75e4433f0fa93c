// Evidence's data model: what is reported of a validator that contradicted itself, and what is remembered of it (ADR 6).
import type { EvidenceKind, Signed } from './consensus/types.js';
import type { BlockHeader, Certificate } from '../receipts/types.js';
import type { Offence } from './economyTypes.js';

export interface EvidencePayloads {
  /** Two messages of one validator with the same type, height and round that no correct one signs both; their order means nothing. */
  'evidence.report': { first: Signed; second: Signed };
  /** A signed transaction that no correct party signs, raw: a verdict that replay contradicts, a commitment with a forged attestation. */
  'evidence.transaction': { raw: string };
  /** Two checkpoints of the receipt log (signed notes) of one size and different roots, both cosigned by `validator` (Ed25519 public key), a member of the set of `height`. */
  'evidence.log': { validator: string; height: number; first: string; second: string };
  /** A checkpoint (signed note) that `validator`, a member of the set of the header's height, cosigned, of the size that a certified header has, with another root. */
  'evidence.checkpoint': { validator: string; note: string; header: BlockHeader; certificate: Certificate };
  /** FLOOD messages of one validator with the same type, height and round, each of which contradicts all others. */
  'evidence.flood': { messages: Signed[] };
}

/** Of what all but the first prove; at most one for a transaction, for a validator and size of the log, and for a validator and height it flooded. */
export interface ProofRecord {
  subject: string;
  offence: Offence;
  /** What is wrong, in words. */
  what: string;
  transactionId: string;
  reporter: string;
  /** Id of the penalty; null when this kind was punished within its window already. */
  slash: string | null;
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

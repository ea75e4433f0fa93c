// The Agreement Court's data model: arbitrators, cases, evidence, panels and decisions (agreement 9; the plan: CourtDecision).
import type { BlockHeader, Certificate, ReceiptBundle } from '../receipts/types.js';

/** Agreement 9.1. */
export const CATEGORIES = ['Scheduling', 'Performance', 'Economic', 'Security', 'Governance'] as const;
export type DisputeCategory = (typeof CATEGORIES)[number];

/** Service levels of agreement 6 that no block time shows: f+1 validators other than the respondent have to state that they measured them. */
export const STATED_LEVELS = ['resource_verification', 'service_discovery', 'load_balancing', 'generation_time', 'verification_time', 'storage_time', 'retrieval_time'] as const;
export type StatedLevel = (typeof STATED_LEVELS)[number];

/** What the claimant asks for, and what the ledger carries out when the case is upheld. */
export const REMEDIES = ['Compensation', 'ReverseSlash', 'RemoveNode', 'TerminateAgreement', 'AnnulProposal'] as const;
export type Remedy = (typeof REMEDIES)[number];

/** Checked when it is filed. */
export type Evidence =
  | { type: 'receipt'; bundle: ReceiptBundle }
  | { type: 'certificate'; header: BlockHeader; certificate: Certificate }
  /** A record of the state as it was under a certified header. */
  | { type: 'state'; key: string; value: string; proof: unknown; header: BlockHeader; certificate: Certificate }
  /** A record of the state as it is now. */
  | { type: 'record'; key: string }
  /** What somebody says; its transaction is signed. */
  | { type: 'testimony'; text: string }
  /** Confidential: sha256(utf8(salt) ‖ 0x00 ‖ utf8(content)). */
  | { type: 'commitment'; hash: string }
  /** Opens a commitment of this case. */
  | { type: 'disclosure'; salt: string; content: string };

export interface CourtPayloads {
  'arbitrator.register': { categories: DisputeCategory[]; conflicts: string[] };
  'arbitrator.resign': Record<never, never>;
  /** Its id is the transaction's. `respondent`: an account; '' is the network itself (ReverseSlash, AnnulProposal, and Compensation from the insurance fund). `amount`: claimed, µBPI. `subject`: slash/<id>, node/<name> or validator/<key>, agreement/<hash>, proposal/<id>, or '' with Compensation. */
  'case.open': { category: DisputeCategory; respondent: string; remedy: Remedy; subject: string; amount: number; claim: string; evidence: Evidence[] };
  'case.evidence': { caseId: string; evidence: Evidence };
  /** `commitment` = ballotCommitment(caseId, tier, ballot). */
  'case.commit': { caseId: string; commitment: string };
  'case.reveal': { caseId: string; ballot: Ballot };
  /** A validator measured that what `respondent` (an account) answers for took `ms`, or longer, in the hour before (the 95th percentile). */
  'level.state': { level: StatedLevel; respondent: string; ms: number };
  /** To the next tier, by whoever it went against. */
  'case.appeal': { caseId: string; grounds: string };
}
export interface Ballot {
  upheld: boolean;
  /** µBPI; 0 when it is not upheld. */
  award: number;
  /** 32 bytes hex; makes the commitment unguessable. */
  salt: string;
}

/** Of one level, account and hour; kept until a case about it can be appealed no more. */
export interface LevelRecord {
  level: StatedLevel;
  respondent: string;
  /** Hours since the epoch, block time. */
  hour: number;
  /** By validator (Ed25519 public key), ms. */
  stated: Record<string, number>;
}

export interface ArbitratorRecord {
  account: string;
  categories: DisputeCategory[];
  /** Accounts whose cases it cannot hear, beside its own. */
  conflicts: string[];
  /** µBPI in escrow. */
  bond: number;
  /** Cases it sits on. */
  seats: number;
  height: number;
}
export interface FiledEvidence {
  type: Evidence['type'];
  /** sha256 of its canonical JSON, or the commitment: what it is found again by. */
  hash: string;
  /** Account; LEDGER for what the ledger attached itself. */
  by: string;
  height: number;
  /** What was proved, in words. */
  shows: string;
}
export type CaseState = 'Evidence' | 'Drawing' | 'Commit' | 'Reveal' | 'Decided' | 'Closed';
export interface PanelMember {
  account: string;
  commitment: string | null;
  ballot: Ballot | null;
}
export interface CourtDecision {
  /** 0: by the ledger alone; 1 to 3: by a panel. */
  tier: number;
  decision: 'Upheld' | 'Dismissed';
  /** µBPI */
  award: number;
  for: number;
  against: number;
  height: number;
  time: number;
  reason: string;
}
export interface CaseRecord {
  id: string;
  category: DisputeCategory;
  claimant: string;
  respondent: string;
  remedy: Remedy;
  subject: string;
  amount: number;
  claim: string;
  state: CaseState;
  /** Tier before which it is, or was last. */
  tier: number;
  /** How often a panel was drawn in this tier. */
  draws: number;
  height: number;
  opened: number;
  /** When the present state ends, ms; in Drawing: until when a panel is sought. */
  deadline: number;
  /** Height whose predecessor's hash draws the panel; null when none is being drawn. */
  drawHeight: number | null;
  panel: PanelMember[];
  /** Everybody who ever sat on it. */
  sat: string[];
  evidence: FiledEvidence[];
  /** Deposits in escrow, by account that left them, µBPI. */
  deposits: { account: string; amount: number }[];
  /** µBPI of the respondent in escrow for the award, until no appeal is possible. */
  held: number;
  decisions: CourtDecision[];
}

// Governance's data model: what can be proposed, who has voted, and what came of it (agreement 5).
import type { Parameters } from './ledger/parameters/parameters.js';
import type { BisoPolicySpec, TrafficRuleSpec } from '../api/index.js';
import type { NewValidator, ObjectReference } from './types.js';

export type PolicyChange =
  | { do: 'putPolicy'; name: string; spec: BisoPolicySpec }
  | { do: 'putRule'; name: string; spec: TrafficRuleSpec }
  | { do: 'removePolicy'; name: string }
  | { do: 'removeRule'; name: string };

export interface ProposalContents {
  /** From `height` on, or from the first block after its timelock where that is later, all nodes run this version of the rules (5.2, 5.3). */
  ProtocolUpgrade: { version: number; height: number };
  /** The same at once (5.3: 3/4+). */
  SecurityPatch: { version: number; height: number };
  /** In force from `height` on, or from the first block after its timelock where that is later. */
  EconomicParameter: { changes: Partial<Parameters>; height: number };
  /** Its account has the stake of one node more. */
  NodeAddition: { validator: NewValidator };
  /** `subject` = node/<name> or validator/<Ed25519 public key>; `evidence` = ids of its slashes that were not reversed. */
  NodeRemoval: { subject: string; evidence: string[] };
  /** Until emergencyMs have passed, unless confirmed: nothing is placed at all, or nothing on one node. `node` is '' for the former. */
  Emergency: { action: 'HaltPlacement' | 'CordonNode'; node: string };
  /** Keeps an emergency's measure beyond its time, or ends it. `emergency` = its proposal. */
  EmergencyConfirmation: { emergency: string; keep: boolean };
  /** Carries the list of running workloads whose light it would change (ProposalRecord.affected). */
  PolicyChange: { changes: PolicyChange[] };
  /** Agreement 11.1: voluntary after its notice; the others at once. */
  Termination: { cause: 'voluntary' | 'securityBreach' | 'legalProhibition'; successor?: Successor };
}
/** Whom a terminated cluster's data and obligations go to: another chain, by its genesis (agreement 11.2). */
export interface Successor {
  chainId: string;
  genesisHash: string;
}
export type ProposalKind = keyof ProposalContents;
export type ProposalContent<K extends ProposalKind = ProposalKind> = { [P in K]: { kind: P } & ProposalContents[P] }[K];

export interface GovernancePayloads {
  /** Its id is the transaction's. */
  'proposal.submit': { title: string; reason: string; content: ProposalContent };
  /** One for each validator, by the account with its Ed25519 key; a later one takes the place of an earlier one until the vote is closed. */
  'proposal.vote': { proposal: string; approve: boolean };
}

/** Passed: waits for its timelock. Failed: passed, and could not be carried out any more. Annulled: by the court. */
export type ProposalState = 'Voting' | 'Passed' | 'Executed' | 'Rejected' | 'Failed' | 'Annulled';
export interface AffectedWorkloads {
  /** How many running pods were evaluated, and how many would get another light. */
  evaluated: number;
  changed: number;
  /** The first MAX_LISTED of them. */
  list: { pod: ObjectReference; from: string; to: string }[];
}
export interface ProposalRecord {
  id: string;
  /** Account that has the deposit back when the proposal passes. */
  proposer: string;
  title: string;
  reason: string;
  content: ProposalContent;
  state: ProposalState;
  height: number;
  opened: number;
  closesAt: number;
  /** After its timelock, ms; null until it has passed. */
  executesAt: number | null;
  /** µBPI in escrow while it is open. */
  deposit: number;
  /** Ed25519 public key of each validator that voted → whether it approves. */
  votes: Record<string, boolean>;
  /** As counted when it was closed: of validators in force at that block. */
  tally: Tally | null;
  /** What came of it, in words; '' while it is open. */
  outcome: string;
  affected: AffectedWorkloads | null;
  /** Case that found the vote wrong: until nobody can appeal that any more, nothing is carried out. */
  stayedBy?: string;
}
export interface Tally {
  approve: number;
  reject: number;
  validators: number;
  needed: number;
}

/** The version of the rules in force, and the one that is agreed and yet to come. */
export interface ProtocolRecord {
  version: number;
  next: { version: number; height: number } | null;
}
/** A measure in force. `until` null: confirmed. */
export interface EmergencyRecord {
  proposal: string;
  action: ProposalContents['Emergency']['action'];
  node: string;
  until: number | null;
}
/** A node or validator that was removed by a vote or by the court; nothing is placed there. */
export interface RemovalRecord {
  subject: string;
  /** Proposal or case. */
  by: string;
  height: number;
}

export const governanceKeys = {
  proposal: (id: string) => `proposal/${id}`,
  /** → {ids}: those that are open. */
  openProposals: 'proposals/open',
  protocol: 'protocol',
  emergency: (proposal: string) => `emergency/${proposal}`,
  removal: (subject: string) => `removed/${subject}`,
} as const;

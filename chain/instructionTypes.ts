// What a party signs for others to carry to the chain: a proposal, a vote, a case, evidence, an appeal (resources Proposal and Dispute).
import type { CourtPayloads } from './courtTypes.js';
import type { GovernancePayloads } from './governanceTypes.js';

export const INSTRUCTIONS = ['proposal.submit', 'proposal.vote', 'case.open', 'case.evidence', 'case.appeal'] as const;
export type InstructionType = (typeof INSTRUCTIONS)[number];
type Instructed = Pick<GovernancePayloads & CourtPayloads, InstructionType>;

/** What is signed, with the chain's id. A proposal's or case's id is its instruction's. */
export interface Instruction<T extends InstructionType = InstructionType> {
  type: T;
  payload: Instructed[T];
  /** Ed25519 public key of the account that it is by: it pays what the operation asks for. */
  signer: string;
  /** Grows with each of the signer's instructions about one proposal or case: an earlier one cannot be carried again. */
  serial: number;
}
export type SignedInstruction = { [T in InstructionType]: Instruction<T> & { signature: string } }[InstructionType];

export interface InstructionPayloads {
  /** By anybody with an account, who pays for the receipt alone. */
  'instruction.carry': SignedInstruction;
}

/** → {serial}: the last of a signer about a proposal or case. */
export const instructionKey = (about: string, signer: string): string => `instruction/${about}/${signer}`;

// A Dispute's spec as the instructions that it carries: the case as its claimant signed it, what was filed later, and appeals.
import { parseAmount } from '../../api/amounts.js';
import { withDefaults } from '../../api/defaults.js';
import type { FieldError } from '../../api/fieldError.js';
import type { CaseEvidence, DisputeSpec, SignedAppeal, SignedFiling } from '../../api/index.js';
import type { CourtPayloads, Evidence, PanelMember } from '../courtTypes.js';
import type { Instruction, SignedInstruction } from '../instructionTypes.js';
import { instructionId, isSignedBySigner } from './instructions.js';

const evidenceOf = (evidence: CaseEvidence) => evidence as unknown as Evidence;

export function caseOf(spec: DisputeSpec): CourtPayloads['case.open'] {
  const { category, respondent, remedy, subject, amount, claim, evidence } = withDefaults('Dispute', spec);
  return { category, respondent, remedy, subject, amount: parseAmount(amount), claim, evidence: evidence.map(evidenceOf) };
}

/** What the claimant signs; of a draft, nothing. */
export function disputeInstruction(spec: DisputeSpec): SignedInstruction | undefined {
  const { claimant, serial, signature } = spec;
  if (claimant === undefined || serial === undefined || signature === undefined) return undefined;
  return { type: 'case.open', payload: caseOf(spec), signer: claimant, serial, signature };
}

export function caseIdOf(chainId: string, spec: DisputeSpec): string | undefined {
  const instruction = disputeInstruction(spec);
  return instruction && instructionId(chainId, instruction as Instruction);
}

export function filingInstruction(caseId: string, { account, evidence, serial, signature }: SignedFiling): SignedInstruction {
  return { type: 'case.evidence', payload: { caseId, evidence: evidenceOf(evidence) }, signer: account, serial, signature };
}

export function appealInstruction(caseId: string, { account, grounds, serial, signature }: SignedAppeal): SignedInstruction {
  return { type: 'case.appeal', payload: { caseId, grounds }, signer: account, serial, signature };
}

/** Signatures that are not by whom they say. */
export function disputeSignatureErrors(chainId: string, spec: DisputeSpec): FieldError[] {
  const instruction = disputeInstruction(spec);
  const { filings = [], appeals = [] } = spec;
  const cure = (command: string) => `sign it with kubectl enc dispute ${command}, for chain "${chainId}"`;
  if (!instruction) {
    const later = filings.length > 0 ? 'filings' : appeals.length > 0 ? 'appeals' : undefined;
    return later ? [{ path: `spec.${later}`, value: spec[later].length, message: 'are about a case that nobody has signed', cure: cure('sign') }] : [];
  }
  const id = instructionId(chainId, instruction as Instruction);
  const signed: [path: string, instruction: SignedInstruction, command: string][] = [
    ['spec.signature', instruction, 'sign'],
    ...filings.map((filing, index): [string, SignedInstruction, string] => [`spec.filings[${index}].signature`, filingInstruction(id, filing), 'file']),
    ...appeals.map((appeal, index): [string, SignedInstruction, string] => [`spec.appeals[${index}].signature`, appealInstruction(id, appeal), 'sign-appeal']),
  ];
  return signed.flatMap(([path, one, command]) =>
    isSignedBySigner(chainId, one) ? [] : [{ path, value: one.signature, message: `is not by account ${one.signer} under what stands here`, cure: cure(command) }],
  );
}

/** How a seat on a panel stands: what its ballot says once it is revealed. */
export function ballotState({ commitment, ballot }: PanelMember): 'Awaited' | 'Committed' | 'Upholds' | 'Dismisses' {
  if (ballot) return ballot.upheld ? 'Upholds' : 'Dismisses';
  return commitment === null ? 'Awaited' : 'Committed';
}

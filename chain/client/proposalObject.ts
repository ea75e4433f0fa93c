// A Proposal's spec as the instructions that it carries: what its proposer signed, and each vote.
import { withDefaults } from '../../api/defaults.js';
import type { FieldError } from '../../api/fieldError.js';
import type { ProposalSpec, SignedVote } from '../../api/index.js';
import type { ProposalContent } from '../governanceTypes.js';
import type { Instruction, SignedInstruction } from '../instructionTypes.js';
import { instructionId, isSignedBySigner } from './instructions.js';

/** One member of the content, under the name of its kind in lower case. */
export function contentOf({ content }: Pick<ProposalSpec, 'content'>): ProposalContent {
  const [[member, value]] = Object.entries(withDefaults('Proposal', { title: '-', content }).content) as [[string, object]];
  const kind = `${member[0]!.toUpperCase()}${member.slice(1)}`;
  if (kind !== 'PolicyChange') return { kind, ...value } as ProposalContent;
  const { changes } = value as NonNullable<ProposalSpec['content']['policyChange']>;
  const filled = changes.map(({ do: action, name, spec }) =>
    spec === undefined ? { do: action, name } : { do: action, name, spec: withDefaults(action === 'putRule' ? 'TrafficRule' : 'BisoPolicy', spec) },
  );
  return { kind, changes: filled } as ProposalContent;
}

/** What the proposer signs; of a draft, nothing. */
export function proposalInstruction(spec: ProposalSpec): SignedInstruction | undefined {
  const { title, reason = '', proposer, serial, signature } = spec;
  if (proposer === undefined || serial === undefined || signature === undefined) return undefined;
  return { type: 'proposal.submit', payload: { title, reason, content: contentOf(spec) }, signer: proposer, serial, signature };
}

export function proposalIdOf(chainId: string, spec: ProposalSpec): string | undefined {
  const instruction = proposalInstruction(spec);
  return instruction && instructionId(chainId, instruction as Instruction);
}

export function voteInstruction(proposal: string, { validator, approve, serial, signature }: SignedVote): SignedInstruction {
  return { type: 'proposal.vote', payload: { proposal, approve }, signer: validator, serial, signature };
}

/** Signatures that are not by whom they say. */
export function proposalSignatureErrors(chainId: string, spec: ProposalSpec): FieldError[] {
  const instruction = proposalInstruction(spec);
  const { votes = [] } = spec;
  const cure = (command: string) => `sign it with kubectl enc proposal ${command}, for chain "${chainId}"`;
  if (!instruction)
    return votes.length === 0 ? [] : [{ path: 'spec.votes', value: votes.length, message: 'are about a proposal that nobody has signed', cure: cure('sign') }];
  const errors: FieldError[] = isSignedBySigner(chainId, instruction)
    ? []
    : [{ path: 'spec.signature', value: spec.signature, message: 'is not by the proposer under this title, reason and content', cure: cure('sign') }];
  const id = instructionId(chainId, instruction as Instruction);
  const forged = votes.flatMap((vote, index) => (isSignedBySigner(chainId, voteInstruction(id, vote)) ? [] : [index]));
  return [...errors, ...forged.map((index) => ({ path: `spec.votes[${index}].signature`, value: votes[index]!.signature, message: 'is not by this validator on this proposal', cure: cure('vote') }))];
}

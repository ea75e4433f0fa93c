// What Proposals and Disputes must satisfy beyond their schema; whether their signatures are true is for whoever knows the chain.
import { withDefaults } from '../defaults.js';
import type { FieldError } from '../fieldError.js';
import type { Dispute, Proposal } from '../index.js';
import { duplicateErrors } from './duplicates.js';
import { schemaErrors } from './schemaErrors.js';

/** Members that a signature covers stand once it is given. */
function changedErrors<S extends { signature?: string }>(spec: S, old: S | undefined, covered: readonly (keyof S & string)[], cure: string): FieldError[] {
  if (old?.signature === undefined) return [];
  const changed = [...covered, 'signature' as const].find((member) => JSON.stringify(spec[member]) !== JSON.stringify(old[member]));
  return changed === undefined ? [] : [{ path: `spec.${changed}`, value: spec[changed], message: 'cannot be changed once it is signed', cure }];
}

export function validateProposal(object: Proposal, old?: Proposal): FieldError[] {
  const shape = schemaErrors('Proposal', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('Proposal', object.spec);
  return [
    ...(Object.keys(spec.content).length === 1 ? [] : [{ path: 'spec.content', value: Object.keys(spec.content).join(), message: 'has not exactly one member', cure: 'propose one thing in each object' }]),
    ...duplicateErrors('spec.votes', spec.votes, 'validator', 'keep the last vote of each validator'),
    ...changedErrors(spec, old && withDefaults('Proposal', old.spec), ['title', 'reason', 'content', 'proposer', 'serial'], 'make another Proposal'),
  ];
}

export function validateDispute(object: Dispute, old?: Dispute): FieldError[] {
  const shape = schemaErrors('Dispute', object);
  if (shape.length > 0) return shape;
  const spec = withDefaults('Dispute', object.spec);
  const covered = ['category', 'remedy', 'respondent', 'subject', 'amount', 'claim', 'evidence', 'claimant', 'serial'] as const;
  return changedErrors(spec, old && withDefaults('Dispute', old.spec), covered, 'add to filings or appeals, or make another Dispute');
}

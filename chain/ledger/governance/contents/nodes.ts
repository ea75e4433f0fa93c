// Validators come by a simple majority with verified stake; nodes and validators go by 2/3+ with evidence of violations (agreement 5.2).
import type { ProposalContent } from '../../../governanceTypes.js';
import { stateKeys } from '../../../types.js';
import { Refusal } from '../../ledgerError.js';
import type { BlockContext } from '../../operation.js';
import { slashOf } from '../../slashing/slash.js';
import type { Overlay } from '../../state.js';
import { changedSet } from '../../validators/changedSet.js';
import { enactChange, mustBeReady } from '../../validators/validatorOperations.js';
import { latestSet } from '../../validators/validatorSets.js';
import { isRemoved, recordRemoval } from '../removals.js';

const VALIDATOR = 'validator/';

function checkAddition(state: Overlay, block: BlockContext, { validator }: ProposalContent<'NodeAddition'>): void {
  changedSet(latestSet(state).set, { add: [validator], remove: [] });
  mustBeReady(state, block, [validator]);
}

function add(state: Overlay, block: BlockContext, { validator }: ProposalContent<'NodeAddition'>, id: string): string {
  const { since } = enactChange(state, block, id, { add: [validator], remove: [] });
  return `${validator.address} is a validator from block ${since} on`;
}

function checkRemoval(state: Overlay, _block: BlockContext, { subject, evidence }: ProposalContent<'NodeRemoval'>): void {
  for (const [index, id] of evidence.entries()) {
    const slash = slashOf(state, id);
    if (slash.subject !== subject) throw new Refusal('BadEvidence', `content.evidence[${index}]: slash ${id} is about ${slash.subject}, not ${subject}`);
    if (slash.state === 'Reversed') throw new Refusal('BadEvidence', `content.evidence[${index}]: slash ${id} was reversed by the court; it is no evidence`);
  }
  if (isRemoved(state, subject)) throw new Refusal('Exists', `${subject} is removed already`);
  if (subject.startsWith(VALIDATOR)) changedSet(latestSet(state).set, { add: [], remove: [subject.slice(VALIDATOR.length)] });
  else if (state.get(stateKeys.node(subject.slice('node/'.length))) === undefined) throw new Refusal('UnknownNode', `${subject} is not committed`);
}

function removeSubject(state: Overlay, block: BlockContext, { subject }: ProposalContent<'NodeRemoval'>, id: string): string {
  if (!subject.startsWith(VALIDATOR)) {
    recordRemoval(state, block, subject, `proposal ${id}`);
    return `nothing is placed on ${subject} any more`;
  }
  const { since } = enactChange(state, block, id, { add: [], remove: [subject.slice(VALIDATOR.length)] });
  recordRemoval(state, block, subject, `proposal ${id}`);
  return `${subject} signs no block from ${since} on`;
}

export const nodeAdditionRules = { check: checkAddition, apply: add };
export const nodeRemovalRules = { check: checkRemoval, apply: removeSubject };

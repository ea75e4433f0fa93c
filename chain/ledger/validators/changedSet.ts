// The set that a change leads to, and whether it is one that may follow: sizes, identities, and how many are replaced at once (ADR 6).
import { quorum } from '../../../receipts/quorum.js';
import { isSetSize } from '../../../receipts/setSize.js';
import type { Validator, ValidatorSet } from '../../../receipts/types.js';
import type { NewValidator, UnsignedValidatorsChange } from '../../types.js';
import { Refusal } from '../ledgerError.js';

const IDENTITY = ['ed25519PublicKey', 'blsPublicKey', 'address'] as const;

/** Those who stay in their order, then those who come. Throws Refusal naming the field. */
export function changedSet(set: ValidatorSet, { add, remove }: Pick<UnsignedValidatorsChange, 'add' | 'remove'>): ValidatorSet {
  if (add.length + remove.length === 0) throw new Refusal('EmptyChange', 'add and remove are both empty; name who comes or who goes');
  mustBeMembers(set, remove);
  const staying = set.validators.filter(({ ed25519PublicKey }) => !remove.includes(ed25519PublicKey));
  mustBeNew(staying, add);
  const changed = { ...set, validators: [...staying, ...add.map(withoutEndpoint)] };
  mustHaveSize(changed.validators.length);
  mustKeepQuorums(set, changed, staying.length);
  return changed;
}

function withoutEndpoint({ endpoint: _, ...validator }: NewValidator): Validator {
  return validator;
}

function mustBeMembers({ validators }: ValidatorSet, remove: readonly string[]): void {
  remove.forEach((key, i) => {
    if (!validators.some(({ ed25519PublicKey }) => ed25519PublicKey === key))
      throw new Refusal('UnknownValidator', `remove[${i}]: ${key} is no member of the set; see "bpci validators"`);
    if (remove.indexOf(key) !== i) throw new Refusal('DuplicateValidator', `remove[${i}]: ${key} is named twice`);
  });
}

function mustBeNew(staying: readonly Validator[], add: readonly Validator[]): void {
  add.forEach((validator, i) => {
    const others = [...staying, ...add.slice(0, i)];
    const field = IDENTITY.find((name) => others.some((other) => other[name] === validator[name]));
    if (field)
      throw new Refusal('DuplicateValidator', `add[${i}].${field}: ${validator[field]} is another validator's; each needs keys and a name of its own`);
  });
}

function mustHaveSize(size: number): void {
  if (isSetSize(size)) return;
  throw new Refusal('BadSetSize', `add and remove would leave ${size} validators; a set has 1, 3 or more (a pair stops as soon as one of them does)`);
}

/** Who stays must be a quorum of both sets; a single validator may grow at once. */
function mustKeepQuorums(set: ValidatorSet, changed: ValidatorSet, staying: number): void {
  const [before, after] = [set, changed].map(({ validators, quorumPercent }) => quorum(validators.length, quorumPercent)) as [number, number];
  if (staying >= Math.max(before, after) || (set.validators.length === 1 && staying === 1)) return;
  throw new Refusal(
    'TooManyReplaced',
    `add and remove would keep ${staying} of ${set.validators.length} validators in a set of ${changed.validators.length}; ` +
      `those who stay must be a quorum of both sets (${before} and ${after}): make the change in smaller steps`,
  );
}

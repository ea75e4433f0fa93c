// The validators that sign a block: the one that is executed, or an earlier one.
import type { Validator, ValidatorSet } from '../../../receipts/types.js';
import type { BlockContext } from '../operation.js';
import { setInForce } from '../validators/validatorSets.js';
import type { Overlay } from '../state.js';

export function validatorSetAt(state: Overlay, height: number): ValidatorSet {
  return setInForce(state, height).set;
}

export function validatorsInForce(state: Overlay, { height }: BlockContext): readonly Validator[] {
  return validatorSetAt(state, height).validators;
}

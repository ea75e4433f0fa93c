// A validator set's identity, and the checks that make it safe to trust: distinct keys, each with proof of possession.
import { bls } from '../crypto/bls.js';
import { sha256OfJson } from '../crypto/canonicalJson.js';
import { fromHex } from '../crypto/encoding.js';
import { validatorSetShape } from './chainShapes.js';
import { faultOf } from './shape.js';
import type { Validator, ValidatorSet } from './types.js';

export type ValidatorSetFault = { ok: true } | { ok: false; code: 'Malformed' | 'Duplicate' | 'BadPossession'; message: string };

/** sha256 of the canonical JSON, hex: what headers carry as validatorsHash. */
export function validatorsHash(set: ValidatorSet): string {
  return sha256OfJson(set);
}

/**
 * Must have passed before certificates of this set are believed: without proof of possession, a validator could choose a key
 * that cancels others out of an aggregate. About 15 ms a validator; do it once, when a set is taken on.
 */
export function checkValidatorSet(set: ValidatorSet): ValidatorSetFault {
  const fault = faultOf(validatorSetShape, set, 'validatorSet');
  if (fault !== undefined) return { ok: false, code: 'Malformed', message: fault };
  for (const field of ['blsPublicKey', 'ed25519PublicKey', 'address'] as const) {
    const twice = firstRepeated(set.validators, field);
    if (twice >= 0) {
      return {
        ok: false,
        code: 'Duplicate',
        message: `validatorSet.validators[${twice}].${field} repeats an earlier validator's; each needs its own`,
      };
    }
  }
  const unproved = set.validators.findIndex((validator) => !bls.verifyPossession(validator.blsPublicKey, fromHex(validator.blsProofOfPossession)));
  if (unproved < 0) return { ok: true };
  return {
    ok: false,
    code: 'BadPossession',
    message: `validatorSet.validators[${unproved}].blsProofOfPossession does not prove possession of the secret of its blsPublicKey`,
  };
}

function firstRepeated(validators: Validator[], field: keyof Validator): number {
  const values = validators.map((validator) => validator[field]);
  return values.findIndex((value, i) => values.indexOf(value) !== i);
}

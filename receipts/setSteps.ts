// From a trusted validator set to those that came after it: one step for each change, certified by the set before (ADR 6).
import { blockHeaderShape, certificateShape, validatorSetShape } from './chainShapes.js';
import { verifyCertificate } from './certificates.js';
import { object, type Shape } from './shape.js';
import type { SetStep, ValidatorSet } from './types.js';
import { validatorsHash } from './validatorSet.js';

export const MAX_SET_STEPS = 1_000;

export const setStepShape: Shape<SetStep> = object({ header: blockHeaderShape, certificate: certificateShape, set: validatorSetShape });

export type StepVerdict = { ok: true; set: ValidatorSet } | { ok: false; message: string };

/** The set that signs the height after the step's header, when `before`, which must be trusted, has certified that. */
export function takeStep(chainId: string, before: ValidatorSet, { header, certificate, set }: SetStep): StepVerdict {
  const verdict = verifyCertificate(chainId, before, header, certificate);
  if (!verdict.ok) return { ok: false, message: `the step to the set after block ${header.height}: ${verdict.message}` };
  if (validatorsHash(set) !== header.nextValidatorsHash)
    return { ok: false, message: `the step after block ${header.height} brings another set than its header names, ${header.nextValidatorsHash}` };
  return { ok: true, set };
}

/** The sets from the trusted one on, in order. Steps that lead from other sets than the present one are passed over: they are of before. */
export function followSteps(chainId: string, trusted: ValidatorSet, steps: readonly SetStep[]): { sets: { since: number; set: ValidatorSet }[]; fault?: string } {
  const sets = [{ since: 0, set: trusted }];
  for (const step of steps) {
    const { set: before, since } = sets.at(-1)!;
    if (step.header.height < since || step.header.validatorsHash !== validatorsHash(before)) continue;
    const verdict = takeStep(chainId, before, step);
    if (!verdict.ok) return { sets, fault: verdict.message };
    sets.push({ since: step.header.height + 1, set: verdict.set });
  }
  return { sets };
}

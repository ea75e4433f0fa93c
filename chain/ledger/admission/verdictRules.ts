// What every validator demands of a verdict: of its time, by a policy set of its time, and exactly what the same inputs give here (design: decision 5; ADR 2).
import { canonicalJson } from '../../../crypto/canonicalJson.js';
import { evaluate } from '../../../policy/evaluate.js';
import type { PolicySet } from '../../../policy/types.js';
import { VERDICT_WINDOW_MS, type Payloads, type PolicySetPointer } from '../../types.js';
import { firstDifference } from '../firstDifference.js';
import { Refusal } from '../ledgerError.js';
import { policySetAt } from '../policySet/policySet.js';
import type { StateReader } from '../state.js';

export interface VerdictContext {
  reader: StateReader;
  policy: { pointer: PolicySetPointer; set: PolicySet };
  /** Block time, or before a block exists the validator's clock; ms since the epoch. */
  time: number;
}

/** Throws Refusal 'StaleVerdict', 'UnknownPolicyHeight', 'StalePolicyHeight' or 'VerdictMismatch'. */
export function mustBeReproducible({ reader, policy, time }: VerdictContext, { facts, verdict }: Payloads['admission.verdict']): void {
  const apart = Math.abs(facts.time - time);
  if (apart > VERDICT_WINDOW_MS)
    throw new Refusal(
      'StaleVerdict',
      `facts.time ${facts.time} is ${apart} ms from ${time}, at most ${VERDICT_WINDOW_MS} ms are taken; set the clocks, or ask again`,
    );
  const own = evaluate(setOf(reader, policy, verdict.policyHeight, time), facts);
  if (canonicalJson(own) === canonicalJson(verdict)) return;
  const field = firstDifference(verdict, own, 'verdict') ?? 'verdict';
  throw new Refusal(
    'VerdictMismatch',
    `${field} is ${shown(verdict, field)}, the facts and the policy set of height ${verdict.policyHeight} give ${shown(own, field)}`,
  );
}

function setOf(reader: StateReader, { pointer, set }: VerdictContext['policy'], policyHeight: number, time: number): PolicySet {
  if (policyHeight === pointer.policyHeight) return set;
  const replaced = pointer.recent.find((recent) => recent.policyHeight === policyHeight);
  if (replaced && replaced.replacedAt >= time - VERDICT_WINDOW_MS) return policySetAt(reader, policyHeight)!;
  if (policyHeight > pointer.policyHeight || policySetAt(reader, policyHeight) === undefined)
    throw new Refusal(
      'UnknownPolicyHeight',
      `verdict.policyHeight ${policyHeight} is no policy set of this chain yet; the current one is ${pointer.policyHeight}`,
    );
  throw new Refusal(
    'StalePolicyHeight',
    `verdict.policyHeight ${policyHeight} was replaced more than ${VERDICT_WINDOW_MS} ms ago; evaluate with the set of height ${pointer.policyHeight}`,
  );
}

/** The member at a path that firstDifference gave, short enough to quote. */
function shown(verdict: unknown, path: string): string {
  let value = verdict;
  for (const [, name] of path.matchAll(/[.[]([^.[\]]+)/g)) value = (value as Record<string, unknown> | undefined)?.[name!];
  const text = value === undefined ? 'absent' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

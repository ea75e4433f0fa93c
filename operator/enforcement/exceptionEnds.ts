// When the next PolicyException ends, and in which namespaces it let pods run. Pure.
import type { PolicySet } from '../../policy/types.js';

export interface Ending {
  /** ms since the epoch; at this moment it does nothing any more. */
  at: number;
  namespaces: string[];
}

/** Of several that end in one moment, the namespaces of all; undefined when none is to come. */
export function nextEnding(exceptions: NonNullable<PolicySet['exceptions']>, now: number): Ending | undefined {
  const ends = exceptions.map(({ spec }) => ({ at: Date.parse(spec.expiresAt), namespaces: spec.scope.namespaces })).filter(({ at }) => at > now);
  if (ends.length === 0) return undefined;
  const at = Math.min(...ends.map((end) => end.at));
  return { at, namespaces: [...new Set(ends.filter((end) => end.at === at).flatMap(({ namespaces }) => namespaces))] };
}

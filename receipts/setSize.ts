// Which numbers of validators may form a set: 1 for development, 3, and from 4 on; two would only be able to stop one another.
import { quorum } from './quorum.js';

export function isSetSize(validators: number): boolean {
  return validators === 1 || validators >= 3;
}

/** How many may be absent before a set stops deciding. */
export function spare(validators: number, quorumPercent: number): number {
  return validators - quorum(validators, quorumPercent);
}

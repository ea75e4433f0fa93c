// What was taken of a node or validator lately, and so whether an offence of it is within its window (agreement 4.3).
import type { Offence } from '../../economyTypes.js';
import type { Overlay } from '../state.js';

export const liabilityKey = (subject: string): string => `liability/${subject}`;

/** Within the running windows. */
export interface LiabilityRecord {
  /** End of the window in which the kind is not punished again, ms. */
  until: Partial<Record<Offence, number>>;
  taken: number;
}

/** Whether an offence of the subject is within its window, ms of block time. */
export function isSuspect(state: Overlay, subject: string, timestamp: number): boolean {
  return Object.values(state.read<LiabilityRecord>(liabilityKey(subject))?.until ?? {}).some((until) => until > timestamp);
}

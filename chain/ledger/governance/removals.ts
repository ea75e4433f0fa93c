// Nodes and validators that a vote or the court removed: nothing is placed there and they are not committed again, until that is taken back (agreement 5.2, 9.2).
import { governanceKeys, type RemovalRecord } from '../../governanceTypes.js';
import { Refusal } from '../ledgerError.js';
import type { BlockContext } from '../operation.js';
import type { Overlay } from '../state.js';

export function isRemoved(state: Overlay, subject: string): boolean {
  return state.read(governanceKeys.removal(subject)) !== undefined;
}

/** Whatever was removed and not taken back: one question instead of one for each node. */
export function removedSubjects(state: Overlay): ReadonlySet<string> {
  return new Set(state.records<RemovalRecord>(governanceKeys.removal('')).map(({ subject }) => subject));
}

/** `by` = the proposal or case. */
export function recordRemoval(state: Overlay, { height }: BlockContext, subject: string, by: string): void {
  state.write(governanceKeys.removal(subject), { subject, by, height } satisfies RemovalRecord);
}

export function takeBackRemoval(state: Overlay, subject: string): void {
  if (isRemoved(state, subject)) state.remove(governanceKeys.removal(subject));
}

/** Throws Refusal 'Removed'. */
export function mustNotBeRemoved(state: Overlay, subject: string): void {
  const record = state.read<RemovalRecord>(governanceKeys.removal(subject));
  if (record) throw new Refusal('Removed', `${subject} was removed at height ${record.height} by ${record.by}; appeal there, or propose its return`);
}

// Deliberate faults of what is around the core, for the tests of the simulator: in the validator's shell and in its storage.
import type { Flaw } from '../consensus/types.js';

export type ShellFlaw =
  /** A change of the validator set takes effect a height late, or a height early, at the validators with an even number. */
  | 'oldSetAfterChange'
  | 'newSetTooEarly'
  /** The log reports an append without having synced the file; a rename is not synced in its directory. */
  | 'syncSkipped'
  | 'directorySyncSkipped';
export type SimFlaw = Flaw | ShellFlaw;

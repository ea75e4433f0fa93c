// One fault: its kind, and how it is put in and taken away again.
import type { Bed } from './bed.js';
import type { BlockWatch } from './blockWatch.js';
import type { Load } from './load.js';

export interface FaultContext {
  bed: Bed;
  watch: BlockWatch;
  load: Load;
  /** Seeded: a whole number from 0 to below `below`. */
  random(below: number): number;
  /** Validators that vote on though a fault took votes from their log: they count as faulty, so there may be f = 1. */
  damaged: Set<number>;
}

export interface Fault {
  kind: string;
  /** Why it cannot be put in on this machine. */
  impossible?(context: FaultContext): string | undefined;
  /** Puts it in and takes it away again; resolves with what is worth telling. The bed is ready before, and is waited for after. */
  inject(context: FaultContext): Promise<string>;
}

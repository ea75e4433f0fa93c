// Every kind of fault, and the order in which a run puts them in.
import type { Fault } from '../fault.js';
import { killed } from './killed.js';
import { linkFaults } from './links.js';
import { outsideFaults } from './outside.js';
import { storageFaults } from './storage.js';

export const faults: readonly Fault[] = [...killed, ...linkFaults, ...storageFaults, ...outsideFaults];

/** Shuffled; each kind once before any comes again. */
export function* inRandomOrder(random: (below: number) => number): Generator<Fault> {
  for (;;) {
    const left = [...faults];
    while (left.length > 0) yield left.splice(random(left.length), 1)[0]!;
  }
}

// Visits every state of the abstract protocol, breadth first, and says which ones break it.
import { encode, fault, initialState, successors, type Rules, type State } from './abstractQbft.js';

export interface Exploration {
  states: number;
  /** Steps to the first state with a fault, and what is wrong there. */
  fault: { text: string; depth: number; state: State } | undefined;
}

/** `faultyLeads`: rounds in which the faulty validator proposes. Ends at the first fault. */
export function explore(rules: Rules, faultyLeads: readonly number[]): Exploration {
  const first = initialState();
  const visited = new Set([encode(first)]);
  let level = [first];
  for (let depth = 1; level.length > 0; depth++) {
    const next: State[] = [];
    for (const state of level) {
      for (const successor of successors(state, rules, faultyLeads)) {
        const code = encode(successor);
        if (visited.has(code)) continue;
        visited.add(code);
        const text = fault(successor, rules);
        if (text !== undefined) return { states: visited.size, fault: { text, depth, state: successor } };
        next.push(successor);
      }
    }
    level = next;
  }
  return { states: visited.size, fault: undefined };
}

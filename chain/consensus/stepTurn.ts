// One step in the making: the state so far and the effects so far.
import type { ConsensusState } from './consensusState.js';
import type { Effect } from './types.js';

export class StepTurn<B> {
  readonly effects: Effect<B>[] = [];

  constructor(public state: ConsensusState<B>) {}

  set(changes: Partial<ConsensusState<B>>): void {
    this.state = { ...this.state, ...changes };
  }

  emit(effect: Effect<B>): void {
    this.effects.push(effect);
  }

  /** A number not used before. */
  next(): number {
    this.set({ serial: this.state.serial + 1 });
    return this.state.serial;
  }
}

/** A copy with one entry more. */
export function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): Map<K, V> {
  return new Map(map).set(key, value);
}

export function withMember<T>(set: ReadonlySet<T>, member: T): Set<T> {
  return new Set(set).add(member);
}

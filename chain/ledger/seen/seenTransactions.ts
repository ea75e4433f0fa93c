// Which transactions were executed while they could be sent again: one record a block, kept for MAX_VALIDITY blocks, so that a state snapshot is complete.
import { MAX_VALIDITY, stateKeys } from '../../types.js';
import type { Overlay, StateReader } from '../state.js';

const PREFIX = 'seen/';

/** True of every transaction that a block within the last MAX_VALIDITY heights holds; older ones have expired whatever it says. */
export type IsKnown = (transactionId: string) => boolean;

/** Remembers the same as the state's records without reading them in each block: for who executes block after block. */
export class SeenWindow {
  readonly #heights = new Map<number, readonly string[]>();
  readonly #ids = new Set<string>();

  readonly isKnown: IsKnown = (id) => this.#ids.has(id);

  /** A block was executed. */
  add(height: number, ids: readonly string[]): void {
    this.#heights.set(height, ids);
    for (const id of ids) this.#ids.add(id);
    const forgotten = height - MAX_VALIDITY - 1;
    for (const id of this.#heights.get(forgotten) ?? []) this.#ids.delete(id);
    this.#heights.delete(forgotten);
  }
}

/** Reads the state's records when it is first asked. A node's own index of transactions answers the same at less cost. */
export function knownIn(reader: StateReader): IsKnown {
  let ids: Set<string> | undefined;
  return (id) => {
    ids ??= new Set(seenTransactions(reader));
    return ids.has(id);
  };
}

export function* seenTransactions(reader: StateReader): Iterable<string> {
  for (const [, text] of reader.list(PREFIX)) yield* JSON.parse(text) as string[];
}

/** Records a block's transactions, and forgets those that can no longer be executed. */
export function recordSeen(state: Overlay, height: number, ids: string[]): void {
  if (ids.length > 0) state.write(stateKeys.seen(height), ids.toSorted());
  const forgotten = height - MAX_VALIDITY - 1;
  if (forgotten > 0 && state.get(stateKeys.seen(forgotten)) !== undefined) state.remove(stateKeys.seen(forgotten));
}

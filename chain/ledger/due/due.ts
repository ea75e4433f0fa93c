// What is to happen at a block time or height: index records in order of it, so that a block looks at nothing that is not due.
import type { Overlay } from '../state.js';

/** `at`: ms of block time; `height`: a block's. */
export type Moment = { at: number } | { height: number };
export interface DueItem {
  key: string;
  kind: string;
  /** Of the record it is about; no slashes. */
  id: string;
}

const TIMES = 'due/t/';
const HEIGHTS = 'due/h/';
const DIGITS = 16;

function dueKey(moment: Moment, kind: string, id: string): string {
  const [prefix, value] = 'at' in moment ? [TIMES, moment.at] : [HEIGHTS, moment.height];
  return `${prefix}${String(value).padStart(DIGITS, '0')}/${kind}/${id}`;
}

export function schedule(state: Overlay, moment: Moment, kind: string, id: string): void {
  state.write(dueKey(moment, kind, id), {});
}

export function unschedule(state: Overlay, moment: Moment, kind: string, id: string): void {
  const key = dueKey(moment, kind, id);
  if (state.get(key) !== undefined) state.remove(key);
}

/** The first `limit` that are due, heights before times, each in order; what is left is due at the next block. */
export function dueItems(state: Overlay, { height, timestamp }: { height: number; timestamp: number }, limit: number): DueItem[] {
  const found: DueItem[] = [];
  for (const [prefix, now] of [
    [HEIGHTS, height],
    [TIMES, timestamp],
  ] as const) {
    for (const [key] of state.list(prefix)) {
      const [moment, kind, id] = key.slice(prefix.length).split('/') as [string, string, string];
      if (Number(moment) > now || found.length >= limit) break;
      found.push({ key, kind, id });
    }
  }
  return found;
}

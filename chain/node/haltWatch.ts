// Decides whether the chain is halted and who is missing: pure, asked once a second and by the API.
import type { Halt } from './api/context.js';

export interface Heard {
  index: number;
  address: string;
  connected: boolean;
  /** When the link went down, or was last heard; ms since the epoch. */
  lastHeardAt: number | undefined;
  since: number;
}
export interface HaltInput {
  now: number;
  blockTimeMs: number;
  /** When the head was committed here, or this validator started, whichever is later. */
  lastProgressAt: number;
  peers: Heard[];
}

const LEAST_PATIENCE_MS = 10_000;

/** No block for so long means halted. */
export function patienceMs(blockTimeMs: number): number {
  return Math.max(3 * blockTimeMs, LEAST_PATIENCE_MS);
}

/** `missing` are those without a link, each since it was heard last. */
export function haltOf({ now, blockTimeMs, lastProgressAt, peers }: HaltInput): Halt | null {
  if (now - lastProgressAt <= patienceMs(blockTimeMs)) return null;
  const missing = peers.filter(({ connected }) => !connected);
  return {
    since: lastProgressAt,
    missing: missing.map(({ index, address, lastHeardAt, since }) => ({ index, address, since: Math.min(lastHeardAt ?? since, since) })),
  };
}

/** One line for the log and the terminal. */
export function describeHalt({ since, missing }: Halt): string {
  const at = new Date(since).toISOString();
  if (missing.length === 0) return `no block since ${at}, although every validator is connected`;
  const who = missing.map(({ address, since: gone }) => `${address} (not heard since ${new Date(gone).toISOString()})`);
  return `no block since ${at}: missing ${who.join(', ')}`;
}

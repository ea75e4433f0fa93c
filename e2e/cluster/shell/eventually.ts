// Polls until something holds, and says what was last seen when it never does.
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterError } from '../clusterError.js';

export interface Patience {
  timeoutMs: number;
  everyMs?: number;
}

/** Resolves with the first value that is neither undefined nor false; throws 'not-ready' with the last error. A ClusterError 'process-died' ends it at once. */
export async function eventually<T>(what: string, attempt: () => Promise<T | undefined | false>, { timeoutMs, everyMs = 100 }: Patience): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await attempt();
      if (value !== undefined && value !== false) return value;
    } catch (error) {
      if (error instanceof ClusterError && error.code === 'process-died') throw error;
      last = error;
    }
    if (Date.now() >= deadline) {
      const seen = last instanceof Error ? `; last seen: ${last.message}` : '';
      throw new ClusterError('not-ready', `${what}: not within ${timeoutMs / 1000} s${seen}`, { cause: last });
    }
    await sleep(everyMs);
  }
}

export const secondsSince = (began: number): string => `${((Date.now() - began) / 1000).toFixed(1)} s`;

// What each validator says of itself, and what the others say of those that do not answer: informative, believed by nobody.
import type { NodeStatus } from '../../chain/node/api/context.js';

const TIMEOUT_MS = 3_000;

export interface ValidatorView {
  address: string;
  /** 'running'; 'syncing'; 'not heard' by the others; 'not asked' when no endpoint of it is known and nobody speaks of it. */
  state: 'running' | 'syncing' | 'not heard' | 'not asked';
  /** Highest block known of it; null when nothing is. */
  height: number | null;
  haltedSince: number | null;
}

async function statusOf(endpoint: string): Promise<NodeStatus | undefined> {
  try {
    const response = await fetch(`${endpoint}/v1/status`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? ((await response.json()) as NodeStatus) : undefined;
  } catch {
    return undefined;
  }
}

export function viewsOf(addresses: readonly string[], answers: readonly NodeStatus[]): ValidatorView[] {
  return addresses.map((address): ValidatorView => {
    const own = answers.find((answer) => answer.address === address);
    if (own) return { address, state: own.syncing ? 'syncing' : 'running', height: own.height, haltedSince: own.halted?.since ?? null };
    const heard = answers.flatMap(({ validators }) => validators.filter((validator) => validator.address === address));
    const heights = heard.flatMap(({ lastHeight }) => lastHeight ?? []);
    const state = heard.length === 0 ? 'not asked' : heard.some(({ connected }) => connected) ? 'running' : 'not heard';
    return { address, state, height: heights.length === 0 ? null : Math.max(...heights), haltedSince: null };
  });
}

/** One view for each validator of the genesis, in its order. */
export async function askValidators(endpoints: readonly string[], addresses: readonly string[]): Promise<ValidatorView[]> {
  const answers = await Promise.all(endpoints.map(statusOf));
  return viewsOf(addresses, answers.filter((answer) => answer !== undefined));
}

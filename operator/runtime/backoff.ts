// How long to wait before a try is repeated: twice as long each time, with jitter so that many do not try at once.

export interface BackoffOptions {
  baseMs: number;
  maxMs: number;
  /** 0 ≤ x < 1 */
  random: () => number;
}

/** `failures` from 1. Between three quarters and the whole of base·2^(failures−1), at most max. */
export function backoffMs(failures: number, { baseMs, maxMs, random }: BackoffOptions): number {
  const whole = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(whole * (0.75 + random() / 4));
}

// Which service levels were missed in an hour, from what one validator measured in it: pure, so that whoever has the samples comes to the same statements (agreement 6).
import type { StatedLevel } from '../../courtTypes.js';
import type { Payloads } from '../../types.js';

export type LevelStatement = Payloads['level.state'];

/** Below so many in an hour nothing is stated; there are few commitments and few changes of endpoints. */
export const LEAST_SAMPLES: Readonly<Record<StatedLevel, number>> = {
  resource_verification: 5,
  service_discovery: 5,
  load_balancing: 5,
  generation_time: 30,
  verification_time: 20,
  storage_time: 30,
  retrieval_time: 20,
};
/** Of one level and account. */
export const MAX_KEPT = 256;
const PERCENT = 95;

/** `values`: each `every`-th that was taken, ms, so that they are spread over the hour however many there are. */
interface Series {
  level: StatedLevel;
  /** Account that answers for it. */
  respondent: string;
  values: number[];
  every: number;
  count: number;
}

export class HourSamples {
  readonly #series = new Map<string, Series>();

  add(level: StatedLevel, respondent: string, ms: number): void {
    const key = `${level}.${respondent}`;
    const series = this.#series.get(key) ?? { level, respondent, values: [], every: 1, count: 0 };
    this.#series.set(key, series);
    if (series.count++ % series.every !== 0) return;
    series.values.push(ms);
    if (series.values.length < MAX_KEPT) return;
    series.values = series.values.filter((_, i) => i % 2 === 0);
    series.every *= 2;
  }

  list(): readonly Series[] {
    return [...this.#series.values()];
  }
}

/** Nearest rank: so many in a hundred took no longer. */
export function percentile(values: readonly number[], percent = PERCENT): number {
  return values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1]!;
}

/**
 * One for each account and level whose 95th percentile was at its limit, ms, or above. Nothing is stated about a level that more missed
 * than may be `faulty`: then it is as likely this validator, or the network, that is late.
 */
export function measure(limits: Readonly<Record<StatedLevel, number>>, samples: HourSamples, faulty: number): LevelStatement[] {
  const missed = samples
    .list()
    .filter(({ level, count }) => count >= LEAST_SAMPLES[level])
    .map(({ level, respondent, values }): LevelStatement => ({ level, respondent, ms: Math.floor(percentile(values)) }))
    .filter(({ level, ms }) => ms >= limits[level]);
  return missed.filter(({ level }) => missed.filter((one) => one.level === level).length <= faulty);
}

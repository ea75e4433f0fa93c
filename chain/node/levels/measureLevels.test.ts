// What an hour of samples says: each level at its limit and just within it, too few samples, many samples in little memory, and nobody blamed for one's own slowness.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STATED_LEVELS, type StatedLevel } from '../../courtTypes.js';
import { LIMITS } from '../../ledger/court/levelStatements.js';
import { genesisParameters } from '../../ledger/parameters/parameters.js';
import { meteredChain } from '../testing/testChain.js';
import { HourSamples, LEAST_SAMPLES, MAX_KEPT, measure, percentile } from './measureLevels.js';

const parameters = genesisParameters(meteredChain(4).genesis);
const limits = Object.fromEntries(STATED_LEVELS.map((level) => [level, parameters[LIMITS[level].limit]])) as Record<StatedLevel, number>;
const stated = (samples: HourSamples, faulty = 1) => measure(limits, samples, faulty);
const hourOf = (level: StatedLevel, ...of: [respondent: string, values: number[]][]) => {
  const samples = new HourSamples();
  for (const [respondent, values] of of) for (const ms of values) samples.add(level, respondent, ms);
  return samples;
};
const times = (count: number, ms: number): number[] => Array<number>(count).fill(ms);

describe.each(STATED_LEVELS)('%s', (level) => {
  const [limit, least] = [limits[level], LEAST_SAMPLES[level]];
  it.each<[what: string, values: number[], ms: number | undefined]>([
    ['at the limit', times(least, limit), limit],
    ['just within it', times(least, limit - 0.001), undefined],
    ['late, but too few', times(least - 1, 10 * limit), undefined],
    ['five in a hundred late', [...times(95, limit - 1), ...times(5, 10 * limit)], undefined],
    ['six in a hundred late', [...times(94, limit - 1), ...times(6, 10 * limit + 0.9)], 10 * limit],
  ])('%s', (_what, values, ms) => {
    expect(stated(hourOf(level, ['other', values]))).toEqual(ms === undefined ? [] : [{ level, respondent: 'other', ms }]);
  });
});

describe('whose fault it is', () => {
  const late = times(100, 900);
  const respondents = (samples: HourSamples, faulty?: number) => stated(samples, faulty).map(({ respondent }) => respondent);
  it.each<[what: string, late: string[], faulty: number, blamed: string[]]>([
    ['one of three others', ['a'], 1, ['a']],
    ['more of them than may be faulty: then this validator may be what is late', ['a', 'b'], 1, []],
    ['where nobody may be faulty, nobody is blamed', ['a'], 0, []],
  ])('%s', (_what, who, faulty, blamed) => {
    expect(respondents(hourOf('storage_time', ...who.map((one): [string, number[]] => [one, late]), ['in-time', times(100, 20)]), faulty)).toEqual(blamed);
  });
});

it('however many samples there are, few are kept, spread over the whole hour', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (count) => {
      const [series] = hourOf('storage_time', ['a', Array.from({ length: count }, (_, i) => i)]).list();
      expect(series!.count).toBe(count);
      expect(series!.values.length).toBeLessThanOrEqual(MAX_KEPT);
      expect(series!.values).toEqual(Array.from({ length: Math.ceil(count / series!.every) }, (_, i) => i * series!.every));
    }),
    { numRuns: 50 },
  );
});

it('a percentile is a sample that so many do not exceed, and so many of the rest reach', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 300 }), (values) => {
      const p95 = percentile(values);
      expect(values.filter((ms) => ms <= p95).length).toBeGreaterThanOrEqual(values.length * 0.95);
      expect(values.filter((ms) => ms >= p95).length).toBeGreaterThan(values.length * 0.05 - 1e-9);
    }),
  );
});

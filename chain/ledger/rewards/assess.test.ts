import { describe, expect, it } from 'vitest';
import type { HourRecord, MeterRecord } from '../../economyTypes.js';
import { genesisParameters } from '../parameters/parameters.js';
import { testGenesis } from '../testing/testGenesis.js';
import { assess } from './assess.js';

const HOUR: HourRecord = { hour: 0, slots: 1_000, lastSlot: 999, blocks: 1_000, certified: 100, failedRounds: 0 };
const parameters = genesisParameters(testGenesis());

function meter(changes: Partial<MeterRecord> = {}): MeterRecord {
  const quiet = { hour: 0, lastBeat: 0, rounds: 0, answers: 0, answerMs: 0, missed: 0, earned: 0, owed: 0 };
  return { participant: 'node/n', account: 'a', beats: 1_000, ...quiet, ...changes };
}
const validator = (changes: Partial<MeterRecord> = {}) => meter({ participant: 'validator/v', rounds: 100, ...changes });

/** Of the first; the others only stand beside it. */
function judge(first: MeterRecord, { others = [], hasStake = true }: { others?: MeterRecord[]; hasStake?: boolean } = {}) {
  return assess([{ meter: first, hasStake }, ...others.map((other) => ({ meter: other, hasStake: true }))], HOUR, parameters)[0]!;
}

describe('rewards of one hour, µBPI', () => {
  const better = Array.from({ length: 3 }, (_, i) => meter({ participant: `node/${i}`, answers: 1, answerMs: 10 }));
  it.each<[section: string, what: string, meter: MeterRecord, others: MeterRecord[], reward: number]>([
    ['4.1 base_reward', 'exactly 95 % of the time', meter({ beats: 950 }), [], 10_000],
    ['4.1 uptime_bonus', 'exactly 99 % is not more than 99 %', meter({ beats: 990 }), [], 10_000],
    ['4.1 uptime_bonus', 'more than 99 %', meter({ beats: 991 }), [], 12_000],
    ['4.1 consensus_bonus', '90 rounds of 100, not in the best quarter', validator({ rounds: 90, beats: 950 }), [validator({ participant: 'validator/w' })], 10_000 + 90 * 5_000],
    ['4.1 consensus_bonus', 'all rounds, always there, best', validator(), [], 10_000 + 100 * 5_000 + 2_000 + 1_000],
    ['4.1 performance_bonus', 'the fastest of four nodes', meter({ answers: 1, answerMs: 9 }), better, 13_000],
    ['4.1 performance_bonus', 'slower than three', meter({ answers: 1, answerMs: 11 }), better, 12_000],
    ['4.1 performance_bonus', 'no answer, no performance', meter(), [], 12_000],
    ['4.1 performance_bonus', 'validators and nodes are ranked apart', meter({ answers: 1, answerMs: 900 }), [validator()], 13_000],
  ])('%s: %s', (_section, _what, first, others, reward) => expect(judge(first, { others }).reward).toBe(reward));
});

describe('minimum requirements: who falls short earns nothing', () => {
  it.each<[section: string, meter: MeterRecord, hasStake: boolean, shortfalls: string[]]>([
    ['4.1 stake: 500 BPI per node', meter(), false, ['stake']],
    ['4.1 uptime: 95% minimum', meter({ beats: 949 }), true, ['uptime']],
    ['4.1 consensus_participation: 90% minimum', validator({ rounds: 89 }), true, ['participation']],
    ['4.1 response_time: <5 seconds, on average', meter({ answers: 2, answerMs: 10_000 }), true, ['response']],
    ['4.1 all at once', validator({ rounds: 1, beats: 1, answers: 1, answerMs: 5_000 }), false, ['stake', 'uptime', 'participation', 'response']],
    ['a meter of an earlier hour', meter({ hour: -3_600_000 }), true, ['uptime']],
  ])('%s', (_section, first, hasStake, shortfalls) => {
    const { reward, shortfalls: found } = judge(first, { hasStake });
    expect([found, reward]).toEqual([shortfalls, 0]);
  });

  it('answers just below 5 seconds are in time', () => expect(judge(meter({ answers: 2, answerMs: 9_999 })).shortfalls).toEqual([]));
  it('a node takes part in no rounds and owes none', () => expect(judge(meter({ rounds: 0 })).shortfalls).toEqual([]));
});

// What one hour is worth: a pure function of the meters, the hour and the parameters (agreement 4.1).
import type { HourRecord, MeterRecord } from '../../economyTypes.js';
import type { Parameters } from '../parameters/parameters.js';
import { isValidator } from './participants.js';

export interface Assessment {
  meter: MeterRecord;
  /** It was heard of in this hour. */
  active: boolean;
  /** Minimum requirements that it fell short of. */
  shortfalls: ('stake' | 'uptime' | 'participation' | 'response')[];
  /** µBPI */
  reward: number;
}

/** `hasStake` = the account has the minimum stake for each of its nodes. */
export function assess(meters: readonly { meter: MeterRecord; hasStake: boolean }[], hour: HourRecord, parameters: Parameters): Assessment[] {
  const judged = meters.map(({ meter, hasStake }) => {
    // A meter of an earlier hour: nothing was heard in this one.
    const current = meter.hour === hour.hour ? meter : { ...meter, beats: 0, rounds: 0, answers: 0, answerMs: 0 };
    return { meter: current, active: current.beats > 0 || current.rounds > 0, shortfalls: shortfallsOf(current, hasStake, hour, parameters) };
  });
  const eligible = judged.filter(({ active, shortfalls }) => active && shortfalls.length === 0).map(({ meter }) => meter);
  const best = bestQuarter(eligible);
  return judged.map((one) => ({
    ...one,
    reward: one.active && one.shortfalls.length === 0 ? rewardOf(one.meter, hour, parameters, best.has(one.meter.participant)) : 0,
  }));
}

function shortfallsOf(meter: MeterRecord, hasStake: boolean, { slots, certified }: HourRecord, limits: Parameters): Assessment['shortfalls'] {
  const found: Assessment['shortfalls'] = [];
  if (!hasStake) found.push('stake');
  if (meter.beats * 100 < limits.minimumUptimePercent * slots) found.push('uptime');
  if (isValidator(meter) && meter.rounds * 100 < limits.minimumParticipationPercent * certified) found.push('participation');
  if (meter.answers > 0 && meter.answerMs >= limits.maximumResponseMs * meter.answers) found.push('response');
  return found;
}

function rewardOf(meter: MeterRecord, { slots }: HourRecord, parameters: Parameters, isBest: boolean): number {
  const uptime = meter.beats * 100 > parameters.bonusUptimePercent * slots ? parameters.uptimeBonus : 0;
  return parameters.baseReward + meter.rounds * parameters.consensusBonus + uptime + (isBest ? parameters.performanceBonus : 0);
}

/** Nodes by how fast they answered placements, validators by how many rounds they signed; who is level with the last of the quarter is in it. */
function bestQuarter(meters: readonly MeterRecord[]): Set<string> {
  const nodes = meters.filter((meter) => !isValidator(meter) && meter.answers > 0);
  const validators = meters.filter((meter) => isValidator(meter) && meter.rounds > 0);
  return new Set([...quarterBy(nodes, ({ answerMs, answers }) => Math.floor(answerMs / answers)), ...quarterBy(validators, ({ rounds }) => -rounds)]);
}

function quarterBy(meters: readonly MeterRecord[], score: (meter: MeterRecord) => number): string[] {
  if (meters.length === 0) return [];
  const limit = meters.map(score).sort((a, b) => a - b)[Math.ceil(meters.length / 4) - 1]!;
  return meters.filter((meter) => score(meter) <= limit).map(({ participant }) => participant);
}

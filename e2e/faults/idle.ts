// What the mainnet costs while nobody asks it anything: processor time over a minute, and resident memory, from /proc.
import { setTimeout as sleep } from 'node:timers/promises';
import { useOf } from '../../bench/admission/processUse.js';
import { OPERATORS, VALIDATORS, validatorName, WEBHOOKS, type Bed } from './bed.js';

/** Starting costs time that idling does not. */
const SETTLE_MS = 15_000;
const MEASURE_MS = 60_000;

export interface IdleCost {
  what: string;
  processes: number;
  /** Of one core. */
  percent: number;
  residentMiB: number;
}

export async function measureIdle(bed: Bed): Promise<IdleCost[]> {
  const validators = Array.from({ length: VALIDATORS }, (_, i) => validatorName(i));
  const groups: [what: string, programs: string[]][] = [
    ['the 4 validators', validators],
    ['each operator', OPERATORS],
    ['each webhook replica', WEBHOOKS],
    ['node agent', ['node-agent']],
    ['traffic light', ['traffic-light']],
    ['all: 4 validators, 2 operators, 2 webhooks, agent, traffic light', [...validators, ...OPERATORS, ...WEBHOOKS, 'node-agent', 'traffic-light']],
  ];
  await sleep(SETTLE_MS);
  const use = () => groups.map(([, programs]) => useOf(programs.map((name) => bed.keeper.pid(name)!)));
  const before = use();
  const began = performance.now();
  await sleep(MEASURE_MS);
  const seconds = (performance.now() - began) / 1_000;
  return use().map(({ cpuSeconds, residentMiB }, index) => {
    const [what, programs] = groups[index]!;
    const each = what.startsWith('each') ? programs.length : 1;
    return { what, processes: programs.length, percent: (100 * (cpuSeconds - before[index]!.cpuSeconds)) / seconds / each, residentMiB: residentMiB / each };
  });
}

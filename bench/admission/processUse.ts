// Processor time and resident memory of a set of processes, from /proc.
import { memoryOf, processorSeconds } from '../consensus/processFigures.js';

export interface Use {
  /** CPU seconds since the processes began. */
  cpuSeconds: number;
  residentMiB: number;
}

export function useOf(pids: readonly number[]): Use {
  let cpuSeconds = 0;
  let residentMiB = 0;
  for (const pid of pids) {
    cpuSeconds += processorSeconds(pid);
    residentMiB += memoryOf(pid).residentMiB;
  }
  return { cpuSeconds, residentMiB };
}

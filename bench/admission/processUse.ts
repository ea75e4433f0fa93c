// Processor time and resident memory of a set of processes, from /proc.
import { readFileSync } from 'node:fs';

/** Ticks of utime and stime a second, as Linux has them for programs everywhere. */
const TICKS = 100;

export interface Use {
  /** CPU seconds since the processes began. */
  cpuSeconds: number;
  residentMiB: number;
}

export function useOf(pids: readonly number[]): Use {
  let cpuSeconds = 0;
  let residentMiB = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    cpuSeconds += (Number(fields[11]) + Number(fields[12])) / TICKS;
    residentMiB += Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  }
  return { cpuSeconds, residentMiB };
}

// Tells one process from every other that had or will have its pid: pid, start time and boot (proc(5)).
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  pid: number;
  /** Clock ticks between boot and the process's start: field 22 of /proc/<pid>/stat. */
  startTime: string;
  bootId: string;
}

/** The start time in a line of /proc/<pid>/stat; undefined for a zombie, which has ended. */
export function startTimeIn(stat: string): string | undefined {
  // The command's name is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

export function identify(pid: number): ProcessIdentity | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const startTime = stat && startTimeIn(stat);
  return startTime ? { pid, startTime, bootId: read('/proc/sys/kernel/random/boot_id')?.trim() ?? '' } : undefined;
}

export function isAlive({ pid, startTime, bootId }: ProcessIdentity): boolean {
  const now = identify(pid);
  return now !== undefined && now.startTime === startTime && now.bootId === bootId;
}

// Tells one process from every other that had or will have its pid: pid, start time and boot (proc(5)).
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  pid: number;
  /** Clock ticks between boot and the process's start: field 22 of /proc/<pid>/stat. */
  startTime: string;
  bootId: string;
}

/** Start time and whether it has ended (a zombie waits for its parent), from a line of /proc/<pid>/stat. */
export function readStat(stat: string): { startTime?: string; ended?: boolean } {
  // The command's name is in parentheses and may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { startTime: fields[19], ended: fields[0] === 'Z' || fields[0] === 'X' };
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

function look(pid: number): (ProcessIdentity & { ended: boolean }) | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const { startTime, ended } = stat ? readStat(stat) : {};
  return startTime ? { pid, startTime, ended: ended!, bootId: read('/proc/sys/kernel/random/boot_id')?.trim() ?? '' } : undefined;
}

/** Also of a child that has ended and was not waited for: a program that ends at once was started all the same. */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = look(pid);
  return found && { pid, startTime: found.startTime, bootId: found.bootId };
}

export function isAlive({ pid, startTime, bootId }: ProcessIdentity): boolean {
  const now = look(pid);
  return now !== undefined && !now.ended && now.startTime === startTime && now.bootId === bootId;
}

// What the kernel says of a process: processor time used and memory held.
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

export interface Memory {
  /** Resident, pages of mapped files included: those the kernel takes back when it needs them. */
  residentMiB: number;
  /** Resident without mapped files: what the process itself holds. */
  ownMiB: number;
  /** Resident pages of mapped files, as LMDB's. */
  mappedMiB: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024;
  return { residentMiB: mib('VmRSS'), ownMiB: mib('RssAnon'), mappedMiB: mib('RssFile') };
}

/** Seconds of all its threads since it began, in user and system mode. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

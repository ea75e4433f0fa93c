// Finds the processes of a local set's validators by the home that each was started with.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Layout } from './layout.js';

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Pid of validator i at index i; undefined while it is down. */
export function validatorPids({ mainnetDir, endpoints }: Layout): (number | undefined)[] {
  const byHome = new Map<string, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const arguments_ = commandLine(pid);
    const home = arguments_[arguments_.indexOf('--home') + 1];
    if (arguments_.includes('--home') && home) byHome.set(path.resolve(home), Number(pid));
  }
  return endpoints.map((_, index) => byHome.get(path.resolve(mainnetDir, `validator-${index}`)));
}

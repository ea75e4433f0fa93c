// Resident memory of each process of the running stack.
import { readFileSync } from 'node:fs';
import type { Layout } from '../e2e/stack/layout.js';
import { programPid } from '../e2e/stack/supervise.js';
import { validatorPids } from '../e2e/stack/validatorPids.js';
import type { Row } from './results.js';

function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib ?? 0) / 1024;
}

export function measureMemory(layout: Layout): Row[] {
  const processes: [string, number | undefined][] = [
    ...validatorPids(layout).map((pid, index): [string, number | undefined] => [`validator-${index}`, pid]),
    ...['operator', 'webhooks', 'node-agent'].map((name): [string, number | undefined] => [name, programPid(layout, name)]),
  ];
  return processes.flatMap(([name, pid]): Row[] => (pid === undefined ? [] : [{ metric: `resident memory, ${name}`, unit: 'MiB', ours: residentMiB(pid), peer: null, peerName: '', better: 'lower' }]));
}

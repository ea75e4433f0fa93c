// Resident memory of each process of the running stack.
import type { Layout } from '../e2e/stack/layout.js';
import { programPid } from '../e2e/stack/supervise.js';
import { validatorPids } from '../e2e/stack/validatorPids.js';
import { memoryOf } from './consensus/processFigures.js';
import type { Row } from './results.js';

export function measureMemory(layout: Layout): Row[] {
  const processes: [string, number | undefined][] = [
    ...validatorPids(layout).map((pid, index): [string, number | undefined] => [`validator-${index}`, pid]),
    ...['operator', 'webhooks', 'node-agent'].map((name): [string, number | undefined] => [name, programPid(layout, name)]),
  ];
  return processes.flatMap(([name, pid]): Row[] => (pid === undefined ? [] : [{ metric: `resident memory, ${name}`, unit: 'MiB', ours: memoryOf(pid).residentMiB, peer: null, peerName: '', better: 'lower' }]));
}

// The figures of one run as a table and as bench/results/admission.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quantile, table } from '../results.js';

export interface Measured {
  what: string;
  clients: number;
  /** Milliseconds of each create. */
  took: number[];
  seconds: number;
  /** Of the processes that decide (not the API server); 0 where the API server decides itself. */
  cpuSeconds: number;
  residentMiB: number;
}

const round = (value: number, digits = 3) => Number(value.toPrecision(digits));

export function writeTable(measured: readonly Measured[], keep: boolean): void {
  const rows = measured.map(({ what, clients, took, seconds, cpuSeconds, residentMiB }) => ({
    what,
    clients,
    creates: took.length,
    p50: round(quantile(took, 0.5)),
    p99: round(quantile(took, 0.99)),
    perSecond: Math.round(took.length / seconds),
    cpuMsPerCreate: round((1_000 * cpuSeconds) / took.length),
    residentMiB: Math.round(residentMiB),
  }));
  const header = ['with', 'clients', 'creates', 'p50 ms', 'p99 ms', 'creates/s', 'CPU ms/create', 'resident MiB'];
  console.log(`\n${table(rows.map((row) => Object.values(row).map(String)), header)}\n`);
  if (!keep) return;
  const machine = `${os.cpus()[0]?.model ?? 'unknown cpu'}, ${os.cpus().length} cores, Linux ${os.release()}, Node ${process.version}`;
  mkdirSync(path.join('bench', 'results'), { recursive: true });
  writeFileSync(path.join('bench', 'results', 'admission.json'), `${JSON.stringify({ machine, rows }, null, 2)}\n`);
}

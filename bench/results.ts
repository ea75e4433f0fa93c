// Collects measurements, prints them as a table and writes bench/results/<name>.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

export interface Row {
  metric: string;
  unit: string;
  ours: number;
  /** null where nothing comparable was measured in the same run. */
  peer: number | null;
  peerName: string;
  better: 'lower' | 'higher';
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Nearest-rank quantile of a non-empty list. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new Error('quantile of no values: nothing was measured');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1 < 0 ? 0 : Math.ceil(q * sorted.length) - 1)]!;
}

const round = (value: number) => Number(value.toPrecision(4));

export function writeResults(name: string, runs: number, rows: Row[]): void {
  const machine = `${os.cpus()[0]?.model ?? 'unknown cpu'}, ${os.cpus().length} cores, ${Math.round(os.totalmem() / 2 ** 30)} GiB, Linux ${os.release()}, Node ${process.version}`;
  const withRatio = rows.map((row) => ({
    metric: row.metric,
    unit: row.unit,
    ours: round(row.ours),
    peer: row.peer === null ? null : round(row.peer),
    peerName: row.peerName,
    ratio: row.peer === null || row.peer === 0 ? null : round(row.ours / row.peer),
    better: row.better,
  }));
  const folder = path.join('bench', 'results');
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  writeFileSync(file, `${JSON.stringify({ machine, runs, rows: withRatio }, null, 2)}\n`);
  console.log(`\n${name}: median of ${runs} runs on ${machine}\n`);
  console.log(table(withRatio.map((row) => [row.metric, `${row.ours} ${row.unit}`, row.peer === null ? '–' : `${row.peer} ${row.unit}`, row.peerName, row.ratio === null ? '–' : `${row.ratio}×`, row.better])));
  console.log(`\nwritten to ${file}`);
}

export function table(rows: string[][], header = ['metric', 'ours', 'peer', 'peer is', 'ratio', 'better']): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}

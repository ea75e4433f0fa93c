// Spreads a range of seeds over threads; what comes out is the same for any number of them.
import { Worker } from 'node:worker_threads';
import { addRow, runPart, type Rows } from './seedRows.js';
import type { Part, PartResult } from './seedWorker.js';

const PART_SEEDS = 50;

/** With the lowest seed that fails: all parts below it have been run. */
export async function runThreads({ from, seeds, kinds }: Part, threads: number): Promise<PartResult> {
  if (threads === 1) return runPart(from, seeds, kinds);
  const rows: Rows = new Map();
  let next = from;
  let failed: number | undefined;
  const take = (): Part | undefined => {
    if (next >= from + seeds || failed !== undefined) return undefined;
    const part = { from: next, seeds: Math.min(PART_SEEDS, from + seeds - next), kinds };
    next += part.seeds;
    return part;
  };
  const add = (result: PartResult): void => {
    for (const [nodes, row] of result.rows) addRow(rows, nodes, row);
    if (result.failed !== undefined) failed = Math.min(failed ?? Infinity, result.failed);
  };
  await Promise.all(Array.from({ length: threads }, () => serve(take, add)));
  return { rows, failed };
}

function serve(take: () => Part | undefined, add: (result: PartResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./seedWorker.js', import.meta.url));
    const give = (): void => {
      const part = take();
      if (part) worker.postMessage(part);
      else void worker.terminate().then(() => resolve());
    };
    worker.on('message', (result: PartResult) => {
      add(result);
      give();
    });
    worker.on('error', reject);
    give();
  });
}

// A thread of the simulator: runs the parts of the range that it is given.
import { parentPort } from 'node:worker_threads';
import { runPart, type Rows, type SeedKinds } from './seedRows.js';

export interface Part {
  from: number;
  seeds: number;
  kinds: SeedKinds;
}
export interface PartResult {
  rows: Rows;
  failed: number | undefined;
}

parentPort?.on('message', ({ from, seeds, kinds }: Part) => {
  void runPart(from, seeds, kinds).then((result) => parentPort?.postMessage(result satisfies PartResult));
});

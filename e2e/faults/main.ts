// make bench-faults: the whole product under load and faults, then checked by a program of its own: node dist/e2e/faults/main.js [seconds] [seed].
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkout } from '../stack/layout.js';
import { Bed } from './bed.js';
import type { Checked } from './checker/check.js';
import { report } from './report.js';
import { run } from './run.js';

const seconds = Number(process.argv[2] ?? 240);
const seed = Number(process.argv[3] ?? randomInt(2 ** 31));
if (!Number.isInteger(seconds) || seconds < 0 || !Number.isInteger(seed)) {
  console.error('faults: give whole seconds, and a whole number as seed');
  process.exit(2);
}
const began = Date.now();
const log = (text: string) => console.log(`${((Date.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${text}`);
const stateDir = path.join(checkout, '.enc', 'faults');

function independently(bed: Bed, claims: unknown, damaged: number[]): Checked {
  const file = path.join(stateDir, 'claims.json');
  writeFileSync(file, JSON.stringify(claims));
  const arguments_ = [path.join(checkout, 'dist/e2e/faults/checker/main.js'), bed.layout.mainnetDir, file, damaged.join(',')];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (stdout === '') throw new Error(`the checker ended without a word: ${stderr}`);
  return JSON.parse(stdout) as Checked;
}

log(`seed ${seed}: the same faults in the same order with "make bench-faults SECONDS=${seconds} SEED=${seed}"`);
const bed = new Bed(stateDir, log);
await bed.clear();
let stopping: Promise<void> | undefined;
const stop = () => (stopping ??= bed.stop());
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop().finally(() => process.exit(130)));
process.once('unhandledRejection', (error) => {
  bed.keepState();
  console.error(error);
  void stop().finally(() => process.exit(1));
});
try {
  const result = await run(bed, { seconds, seed, log });
  await bed.stopPrograms();
  log('programs are stopped; checking what they left');
  process.exitCode = report(result, independently(bed, result.claims, result.damaged)) ? 0 : 1;
} catch (error) {
  // Their logs say why.
  bed.keepState();
  console.error(error);
  process.exitCode = 1;
} finally {
  await stop();
}
process.exit();

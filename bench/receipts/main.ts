// `make bench-receipts`: our receipt log and Tessera's POSIX log, one after the other on the same disk in the same run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { goEnvironment } from '../../e2e/cluster/config.js';
import { checkout } from '../../e2e/stack/layout.js';
import { testFacts } from '../../receipts/testing/testReceipts.js';
import { buildStatement } from '../../receipts/write/buildStatement.js';
import { quantile, writeResults, type Row } from '../results.js';
import type { Figures } from './figures.js';
import { measureOurs } from './ours.js';

const PEER = 'Tessera, POSIX';
const LONGEST_MS = 30 * 60_000;

function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env: goEnvironment(), encoding: 'utf8', timeout: LONGEST_MS, maxBuffer: 64 * 1024 * 1024 });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

function measureTessera(folder: string, receipts: number): Figures {
  const source = path.join(checkout, 'bench/receipts/tessera');
  const binary = path.join(folder, 'tessera-bench');
  mkdirSync(folder, { recursive: true });
  run('go', ['build', '-buildvcs=false', '-o', binary, '.'], source);
  const bytes = Buffer.byteLength(buildStatement(testFacts(0)).payload);
  return JSON.parse(run(binary, [path.join(folder, 'log'), String(receipts), String(bytes)], folder)) as Figures;
}

function rowsOf(ours: Figures, peer: Figures, receipts: number): Row[] {
  const times = (metric: string, pick: (side: Figures) => number[]): Row[] =>
    [0.5, 0.99].map((q) => ({
      metric: `${metric}, p${q * 100}`,
      unit: 'ms',
      ours: quantile(pick(ours), q),
      peer: pick(peer).length > 0 ? quantile(pick(peer), q) : null,
      peerName: PEER,
      better: 'lower',
    }));
  const memory = ours.memory.flatMap(({ receipts: after, own, resident }, index): Row[] => [
    { metric: `own memory after ${after}`, unit: 'MiB', ours: own, peer: peer.memory[index]?.own ?? null, peerName: PEER, better: 'lower' },
    { metric: `resident after ${after}`, unit: 'MiB', ours: resident, peer: peer.memory[index]?.resident ?? null, peerName: PEER, better: 'lower' },
  ]);
  return [
    { metric: 'receipts durable with proofs', unit: '/s', ours: ours.perSecond, peer: peer.perSecond, peerName: PEER, better: 'higher' },
    ...times('generate one', ({ generate }) => generate),
    ...times(`retrieve one of ${receipts} with its proof`, ({ retrieve }) => retrieve),
    ...times('verify one', ({ verify }) => verify),
    ...memory,
  ];
}

const wholeNumber = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1_000 || value > 10_000_000) throw new InvalidArgumentError('It must be a whole number from 1000 to 10000000.');
  return value;
};
const { receipts, folder } = new Command('bench-receipts')
  .option('--receipts <n>', 'receipts in the log', wholeNumber, 1_000_000)
  .option('--folder <dir>', 'where both logs are written; emptied first', path.join(checkout, '.enc', 'bench-receipts'))
  .parse()
  .opts<{ receipts: number; folder: string }>();
const place = path.resolve(folder);
rmSync(place, { recursive: true, force: true });
try {
  const ours = await measureOurs(path.join(place, 'ours'), receipts);
  writeResults('receipts', 1, rowsOf(ours, measureTessera(path.join(place, 'tessera'), receipts), receipts));
} finally {
  rmSync(place, { recursive: true, force: true });
}

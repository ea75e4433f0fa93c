// `make bench-consensus`: our validators and CometBFT's, one after the other on this machine under the same load, into bench/results/consensus.json.
import { ensureBinaries } from '../../e2e/cluster/build/ensureBinaries.js';
import { readClusterConfig } from '../../e2e/cluster/config.js';
import { median, writeResults, type Row } from '../results.js';
import type { ChainUnderTest } from './chainUnderTest.js';
import { CometChain } from './comet.js';
import { readConfig } from './config.js';
import { measure, type Figures } from './measure.js';
import { OurChain } from './ours.js';

const config = readConfig(process.env);
const { cacheDir } = readClusterConfig();
const binary = config.which === 'ours' ? '' : (await ensureBinaries(['cometbft'], { cacheDir, log: console.log }))['cometbft']!;

const chains: { kind: 'ours' | 'peer'; start(size: number): Promise<ChainUnderTest> }[] = [
  { kind: 'ours', start: (size) => OurChain.start(size) },
  { kind: 'peer', start: (size) => CometChain.start(binary, size) },
];
const found = { ours: new Map<string, Figures[]>(), peer: new Map<string, Figures[]>() };

for (let run = 1; run <= config.runs; run++) {
  for (const size of config.sizes) {
    for (const { kind, start } of chains.filter(({ kind }) => config.which === 'both' || config.which === kind)) {
      const chain = await start(size);
      try {
        const figures = await measure(chain, config, size, (text) => console.log(`run ${run}, ${chain.name}: ${text}`));
        const label = `${size} validators`;
        found[kind].set(label, [...(found[kind].get(label) ?? []), figures]);
      } finally {
        await chain.stop();
      }
    }
  }
}

function medianOf(figures: Figures[] | undefined, metric: string): number | null {
  const values = (figures ?? []).flatMap((one) => one.get(metric)?.value ?? []);
  return values.length === 0 ? null : median(values);
}

const rows: Row[] = [];
for (const [label, figures] of found.ours) {
  for (const [metric, { unit, better }] of figures[0]!) {
    const peer = medianOf(found.peer.get(label), metric);
    rows.push({
      metric: `${label}, ${metric}`,
      unit,
      ours: medianOf(figures, metric)!,
      peer,
      peerName: peer === null ? '' : 'CometBFT 0.40.0, kvstore',
      better,
    });
  }
}
if (rows.length > 0) writeResults(process.env['RESULTS'] ?? 'consensus', config.runs, rows);
process.exit(0);

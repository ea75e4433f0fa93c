// How the cost of a decision grows with the number of validators: the real core and real cryptography in the simulator, a calm network, one process.
import type { Scenario } from '../../chain/sim/scenario.js';
import { simulate } from '../../chain/sim/simulation.js';
import { writeResults, type Row } from '../results.js';

const SIZES = [4, 7, 10, 31, 100];
const SEED = 1;
/** Virtual time before the two blocks that are always made; many validators make enough messages in those. */
const virtualMs = (nodes: number): number => (nodes > 50 ? 1 : 400);

function calm(nodes: number): Scenario {
  return {
    seed: SEED,
    nodes,
    quorumPercent: 67,
    faulty: [],
    chaosMs: virtualMs(nodes),
    loss: 0,
    duplication: 0,
    delayMs: 10,
    syncMs: 1,
    crashEveryMs: 0,
    partitionEveryMs: 0,
    resizes: false,
    workEveryMs: 20,
    skew: 0,
    storage: 'model',
    adversary: { withholds: 0, misdeedEveryMs: 0, wiped: false },
    realCrypto: true,
  };
}

const sizes = (process.env['SIZES'] ?? SIZES.join(',')).split(',').map(Number);
const rows: Row[] = [];
const note = (metric: string, unit: string, ours: number): void => void rows.push({ metric, unit, ours, peer: null, peerName: '', better: 'lower' });
for (const nodes of sizes) {
  const before = process.cpuUsage();
  const { failure, heights, steps, calmMs } = simulate(calm(nodes));
  if (failure) throw new Error(`${nodes} validators: ${failure.code} ${failure.message}`);
  const { user, system } = process.cpuUsage(before);
  const label = `${nodes} validators`;
  note(`${label}, processor time of one validator for one block`, 'ms', (user + system) / 1_000 / heights / nodes);
  note(`${label}, events of one validator for one block`, '', steps / heights / nodes);
  console.log(`${label}: ${heights} blocks, ${steps} events, ${((user + system) / 1e6).toFixed(1)} s of processor time, two more blocks ${calmMs.toFixed(0)} virtual ms after the calm`);
}
writeResults('consensus-growth', 1, rows);

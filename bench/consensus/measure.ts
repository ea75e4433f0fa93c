// Measures one chain of one size once: latency at each rate, peak, what it cost, memory, and a leader killed.
import { quantile } from '../results.js';
import type { ChainUnderTest } from './chainUnderTest.js';
import type { BenchConfig } from './config.js';
import { killLeader, offer, saturate } from './load.js';
import { memoryOf, processorSeconds } from './processFigures.js';

/** Figure → value; the same names for every chain. */
export type Figures = Map<string, { unit: string; better: 'lower' | 'higher'; value: number }>;

export async function measure(chain: ChainUnderTest, config: BenchConfig, size: number, say: (text: string) => void): Promise<Figures> {
  const figures: Figures = new Map();
  const note = (metric: string, unit: string, value: number, better: 'lower' | 'higher' = 'lower'): void => {
    figures.set(metric, { unit, better, value });
  };
  for (const rate of config.rates(size)) {
    const { latencies, failed, fault } = await offer(chain, rate, config.seconds);
    if (failed > 0) say(`${failed} of those offered at ${rate}/s failed: ${fault ?? 'not committed in time'}`);
    if (latencies.length === 0) continue;
    for (const q of [0.5, 0.99]) note(`${rate}/s: submitted to seen committed, p${q * 100}`, 'ms', quantile(latencies, q));
    say(`${rate}/s: p50 ${quantile(latencies, 0.5).toFixed(1)} ms, p99 ${quantile(latencies, 0.99).toFixed(1)} ms`);
  }
  const pids = chain.pids().filter((pid) => pid !== undefined);
  const before = pids.map(processorSeconds);
  const peak = await saturate(chain, config.inFlight, config.operations > 0 ? { operations: config.operations } : { seconds: config.seconds });
  const used = pids.reduce((sum, pid, index) => sum + processorSeconds(pid) - before[index]!, 0);
  if (peak.failed > 0) say(`${peak.failed} failed at the peak: ${peak.fault}`);
  say(`peak ${peak.perSecond.toFixed(0)}/s, ${((used * 1e6) / peak.committed).toFixed(0)} µs of processor time an operation in all validators`);
  note(`peak, ${config.inFlight} under way`, 'op/s', peak.perSecond, 'higher');
  note('processor time of all validators for one operation, at the peak', 'µs', (used * 1e6) / peak.committed);
  const memory = pids.map(memoryOf);
  note(
    `memory of the largest validator after ${config.operations > 0 ? config.operations : 'the load'}, own`,
    'MiB',
    Math.max(...memory.map(({ ownMiB }) => ownMiB)),
  );
  note(
    `memory of the largest validator after ${config.operations > 0 ? config.operations : 'the load'}, with mapped files`,
    'MiB',
    Math.max(...memory.map(({ residentMiB }) => residentMiB)),
  );
  say(`memory ${memory.map(({ ownMiB, residentMiB }) => `${ownMiB.toFixed(0)} (${residentMiB.toFixed(0)} with mapped files)`).join(', ')} MiB`);
  const gap = await killLeader(chain);
  note('leader killed to the next operation seen committed', 'ms', gap);
  say(`leader killed: ${gap.toFixed(0)} ms`);
  return figures;
}

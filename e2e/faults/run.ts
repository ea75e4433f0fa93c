// One run: the bed at rest is measured, then under load faults are put in one after another, then recoveries are timed; what is left behind is for the checker.
import { Random } from '../../chain/sim/random.js';
import { openStory } from '../story/context.js';
import { clusterRegisters, policiesBecomeActive } from '../story/facts/foundations.js';
import type { Bed } from './bed.js';
import { BlockWatch } from './blockWatch.js';
import type { Claims } from './checker/claims.js';
import type { FaultContext } from './fault.js';
import { measureIdle, type IdleCost } from './idle.js';
import { faults, inRandomOrder } from './kinds/all.js';
import { Load, type Answers } from './load.js';
import { leaderKilled, operatorKilled, quorumBack, webhookKilled, type WebhookKill } from './recovery.js';

/** How often each recovery is timed. */
const TIMES = { leader: 5, quorum: 3, operator: 3, webhook: 2 };

export interface Injected {
  kind: string;
  count: number;
  /** Between two blocks while it was in and until all were well again. */
  longestPauseMs: number;
}
export interface Run {
  firstBlockMs: number;
  readyMs: number;
  idle: IdleCost[];
  injected: Injected[];
  skipped: { kind: string; why: string }[];
  /** With at most f validators faulty. */
  longestPauseMs: number;
  blocks: number;
  seconds: number;
  answers: Record<string, Answers>;
  wrong: string[];
  recovery: { leaderMs: number[]; quorumMs: number[]; operatorMs: number[]; webhooks: WebhookKill[] };
  ownEnds: string[];
  claims: Claims;
  damaged: number[];
}
export interface RunOptions {
  seconds: number;
  /** 32 bits. */
  seed: number;
  log(text: string): void;
}

async function layFoundations(bed: Bed): Promise<void> {
  const story = await openStory(bed.layout, bed.cluster);
  try {
    await clusterRegisters(story);
    await policiesBecomeActive(story);
  } finally {
    await story.close();
  }
}

async function injectAll(context: FaultContext, { seconds, log }: RunOptions, skipped: Run['skipped']): Promise<Injected[]> {
  const injected = new Map<string, Injected>();
  const began = performance.now();
  let kinds = 0;
  for (const fault of inRandomOrder(context.random)) {
    // The time is for what comes again: every kind is put in once.
    if (kinds >= faults.length && performance.now() - began > seconds * 1_000) break;
    kinds++;
    const why = fault.impossible?.(context);
    if (why !== undefined) {
      if (!skipped.some(({ kind }) => kind === fault.kind)) skipped.push({ kind: fault.kind, why });
      continue;
    }
    const from = performance.now();
    const told = await fault.inject(context);
    await context.bed.ready().catch((cause: unknown) => Promise.reject(new Error(`not well again after "${fault.kind}" (${told})`, { cause })));
    const pause = context.watch.longestPause(from, performance.now());
    const known = injected.get(fault.kind) ?? { kind: fault.kind, count: 0, longestPauseMs: 0 };
    injected.set(fault.kind, { kind: fault.kind, count: known.count + 1, longestPauseMs: Math.max(known.longestPauseMs, pause) });
    log(`${fault.kind}: ${told}; all well after ${((performance.now() - from) / 1_000).toFixed(1)} s, longest without a block ${Math.round(pause)} ms`);
  }
  return [...injected.values()];
}

async function repeatedly<T>(times: number, what: string, log: (text: string) => void, act: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < times; i++) results.push(await act());
  log(`${what}: ${results.map((one) => (typeof one === 'number' ? `${Math.round(one)} ms` : JSON.stringify(one))).join(', ')}`);
  return results;
}

/** The bed is left with its load stopped, everything running. */
export async function run(bed: Bed, options: RunOptions): Promise<Run> {
  const { log, seed } = options;
  const began = performance.now();
  const firstBlockMs = await bed.startChain();
  log(`first certified block ${Math.round(firstBlockMs)} ms after "bpci init"`);
  await bed.startCluster();
  const readyMs = performance.now() - began;
  log(`everything is ready after ${(readyMs / 1_000).toFixed(1)} s`);
  await layFoundations(bed);
  const idle = await measureIdle(bed);
  for (const { what, percent, residentMiB } of idle) log(`idle, ${what}: ${percent.toFixed(2)} % of a core, ${Math.round(residentMiB)} MiB`);

  const watch = new BlockWatch(bed.layout.endpoints);
  const load = new Load(bed);
  const random = new Random(seed);
  const context: FaultContext = { bed, watch, load, random: (below) => random.below(below), damaged: new Set() };
  watch.start();
  await load.start();
  const from = performance.now();
  const first = watch.height;
  const skipped: Run['skipped'] = [];
  const injected = await injectAll(context, options, skipped);
  const longestPauseMs = watch.longestPause(from, performance.now());
  const recovery = {
    leaderMs: await repeatedly(TIMES.leader, 'leader killed → next block', log, () => leaderKilled(context)),
    quorumMs: await repeatedly(TIMES.quorum, 'quorum back → next block', log, () => quorumBack(context)),
    operatorMs: await repeatedly(TIMES.operator, 'leading operator killed → next pod bound', log, () => operatorKilled(context)),
    webhooks: await repeatedly(TIMES.webhook, 'webhook replica killed under load', log, () => webhookKilled(context)),
  };
  const seconds = (performance.now() - from) / 1_000;
  await load.stop();
  await bed.ready();
  await watch.stop();
  return {
    firstBlockMs, readyMs, idle, injected, skipped, longestPauseMs, blocks: watch.height - first, seconds, answers: load.answers, wrong: load.wrong, recovery,
    ownEnds: bed.keeper.ownEnds.map(({ program, how }) => `${program} (${how})`), claims: load.claims, damaged: [...context.damaged],
  };
}

// The load that every chain is put under: operations at a fixed rate whatever the chain does, or as many as it takes.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChainUnderTest } from './chainUnderTest.js';

const TICK_MS = 1;
/** For what is under way when the time is over. */
const DRAIN_MS = 20_000;

export interface Offered {
  /** Milliseconds from when each operation was due to when it was seen committed. */
  latencies: number[];
  /** Refused, lost, or not committed in time. */
  failed: number;
  /** The first failure's words. */
  fault: string | undefined;
}

/** Latency counts from when an operation was due, so that a chain that holds the load up is not measured less often. */
export async function offer(chain: ChainUnderTest, rate: number, seconds: number): Promise<Offered> {
  const began = performance.now();
  const warm = (seconds / 3) * 1_000;
  const end = warm + seconds * 1_000;
  const offered: Offered = { latencies: [], failed: 0, fault: undefined };
  const open = new Set<Promise<void>>();
  const launch = (due: number): void => {
    const one = chain.commit().then(
      () => {
        if (due >= warm) offered.latencies.push(performance.now() - began - due);
      },
      (error: unknown) => {
        offered.failed += 1;
        offered.fault ??= (error as Error).message;
      },
    );
    open.add(one);
    void one.then(() => open.delete(one));
  };
  for (let sent = 0, now = 0; now < end; now = performance.now() - began) {
    for (let due = (sent * 1_000) / rate; due <= now && due < end; due = (sent * 1_000) / rate) {
      launch(due);
      sent += 1;
    }
    await sleep(TICK_MS);
  }
  await Promise.race([Promise.all(open), sleep(DRAIN_MS, undefined, { ref: false })]);
  offered.failed += open.size;
  return offered;
}

export interface Peak {
  perSecond: number;
  committed: number;
  failed: number;
  fault: string | undefined;
}

/** Keeps `inFlight` operations under way; counts what is committed each second, after a warm-up. `operations` = stop after so many instead of by time. */
export async function saturate(chain: ChainUnderTest, inFlight: number, until: { seconds: number } | { operations: number }): Promise<Peak> {
  const began = performance.now();
  const warm = 'seconds' in until ? (until.seconds / 3) * 1_000 : 0;
  const end = 'seconds' in until ? warm + until.seconds * 1_000 : Infinity;
  const wanted = 'operations' in until ? until.operations : Infinity;
  let started = 0;
  let committed = 0;
  let counted = 0;
  let failed = 0;
  let fault: string | undefined;
  let last = 0;
  const worker = async (): Promise<void> => {
    for (; started < wanted && performance.now() - began < end;) {
      started += 1;
      try {
        await chain.commit();
        committed += 1;
        const at = performance.now() - began;
        if (at >= warm && at < end) {
          counted += 1;
          last = at;
        }
      } catch (error) {
        failed += 1;
        fault ??= (error as Error).message;
        await sleep(20);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, wanted) }, worker));
  const span = (Number.isFinite(end) ? end : last) - warm;
  return { perSecond: (counted * 1_000) / span, committed, failed, fault };
}

/** Kills who proposes next while operations keep coming; milliseconds until one that was handed in after the kill is seen committed. */
export async function killLeader(chain: ChainUnderTest): Promise<number> {
  await chain.commit();
  const leader = await chain.leader();
  await chain.kill(leader);
  const killed = performance.now();
  await Promise.any(Array.from({ length: 8 }, () => chain.commit()));
  const took = performance.now() - killed;
  await chain.revive(leader);
  return took;
}

// Measures how soon things go on: after the leader is killed, a quorum is back, the leading operator is killed, a webhook replica is killed under load.
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../stack/waitFor.js';
import { VALIDATORS, WEBHOOKS, validatorName } from './bed.js';
import type { FaultContext } from './fault.js';
import { leadingOperator } from './leadingOperator.js';

const PATIENCE_MS = 60_000;
const STOPPED_MS = 4_000;
const CREATORS = 8;
const BEFORE_MS = 1_500;
const AFTER_MS = 4_000;

/** Kills who proposes the next block; milliseconds until there is one above the height that others were at. */
export async function leaderKilled({ bed, watch }: FaultContext): Promise<number> {
  const { height } = watch;
  const leader = (height + 1) % VALIDATORS;
  await bed.keeper.kill(validatorName(leader));
  // The block under way may still come: the one after it shows that the chain goes on without its leader.
  const killed = performance.now();
  await watch.above(Math.max(height, watch.height), PATIENCE_MS);
  const took = performance.now() - killed;
  await bed.ready();
  return took;
}

/** Pauses f + 1 validators, which halts the chain; milliseconds from when they go on to the next block. */
export async function quorumBack({ bed, watch, random }: FaultContext): Promise<number> {
  const first = random(VALIDATORS);
  const names = [first, (first + 1 + random(VALIDATORS - 1)) % VALIDATORS].map(validatorName);
  for (const name of names) bed.keeper.signal(name, 'SIGSTOP');
  await sleep(STOPPED_MS);
  const { height } = watch;
  for (const name of names) bed.keeper.signal(name, 'SIGCONT');
  const took = await watch.above(height, PATIENCE_MS);
  await bed.ready();
  return took;
}

/** Milliseconds from the kill to the first pod bound by the other one. */
export async function operatorKilled({ bed, load }: FaultContext): Promise<number> {
  const leader = await leadingOperator(bed);
  await bed.keeper.hold(leader);
  const killed = performance.now();
  try {
    // A binding that was on its way when it was killed is the old leader's.
    const bound = await waitFor('a pod to be bound', async () => [...load.bound.values()].find(({ at }) => at > killed + 300), { timeoutMs: PATIENCE_MS, everyMs: 20 });
    return bound.at - killed;
  } finally {
    bed.keeper.release(leader);
    await bed.ready();
  }
}

export interface WebhookKill {
  asked: number;
  /** Not answered, and asked before the kill: its in-flight ones at most. */
  inFlight: number;
  /** Not answered though asked after it. */
  lost: number;
}

/** Creates without a pause, while one replica is killed. */
export async function webhookKilled({ bed, load, random }: FaultContext): Promise<WebhookKill> {
  const result: WebhookKill = { asked: 0, inFlight: 0, lost: 0 };
  const end = performance.now() + BEFORE_MS + AFTER_MS;
  let killed = Infinity;
  const creator = async () => {
    while (performance.now() < end) {
      const began = performance.now();
      const answered = await load.createPod();
      result.asked++;
      if (answered) continue;
      if (began < killed && performance.now() >= killed) result.inFlight++;
      else result.lost++;
    }
  };
  const creators = Array.from({ length: CREATORS }, creator);
  await sleep(BEFORE_MS);
  killed = performance.now();
  await bed.keeper.kill(WEBHOOKS[random(WEBHOOKS.length)]!);
  await Promise.all(creators);
  await bed.ready();
  return result;
}

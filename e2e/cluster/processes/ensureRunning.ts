// Brings one program to readiness: leaves it alone when it is ready, starts it when it is not there, starts it again when it hangs.
import { ClusterError } from '../clusterError.js';
import type { Log } from '../provider.js';
import { eventually, secondsSince } from '../shell/eventually.js';
import type { Program, Programs } from './programs.js';

export interface Component {
  program: Program;
  /** Throws or returns false while the component is not ready. */
  ready(): Promise<boolean>;
}

const READY_WITHIN_MS = 60_000;
/** What already runs gets this long: it may only be waiting for another that was just started. */
const RECOVERS_WITHIN_MS = 15_000;

export async function ensureRunning(programs: Programs, { program, ready }: Component, log: Log): Promise<'was running' | 'started'> {
  const { name } = program;
  const began = Date.now();
  const readyWithin = (timeoutMs: number) =>
    eventually(
      `${name} to be ready`,
      () => {
        if (!programs.running(name))
          throw new ClusterError('process-died', `${name} ended by itself: ${programs.logTail(name)} (all of it: ${programs.logFile(name)})`);
        return ready();
      },
      { timeoutMs, everyMs: 50 },
    );

  if (programs.runs(program)) {
    const recovered = await readyWithin(RECOVERS_WITHIN_MS).catch(() => false);
    if (recovered) return 'was running';
    log(`${name} runs but is not ready; starting it again`);
  }
  await programs.stop(name);
  programs.start(program);
  await readyWithin(READY_WITHIN_MS);
  log(`${name} is ready (${secondsSince(began)})`);
  return 'started';
}

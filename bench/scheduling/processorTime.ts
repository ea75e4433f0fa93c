// Who uses the processor while pods are placed: user and system time of every program of the stack, from /proc.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { processorSeconds } from '../consensus/processFigures.js';

/** Seconds since each began, by program; validators are taken together. */
export type ProcessorTime = ReadonlyMap<string, number>;

/** Of a program of this stack: a validator has its home as an argument, our other programs their script, the control plane's their binary. */
function programOf(argv: readonly string[]): string {
  if (argv.includes('--home')) return 'validators';
  const command = path.basename(argv[0] ?? '');
  if (command !== path.basename(process.execPath)) return command;
  const script = argv[1] ?? '';
  return path.basename(script) === 'main.js' ? path.basename(path.dirname(script)) : path.basename(script, '.js');
}

/** What began in `stateDir`, and this process, which is the load. */
export function processorTime(stateDir: string): ProcessorTime {
  const seconds = new Map<string, number>([['load', processorSeconds(process.pid)]]);
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      if (!line.includes(`${stateDir}/`)) continue;
      const program = programOf(line.split('\0'));
      seconds.set(program, (seconds.get(program) ?? 0) + processorSeconds(Number(pid)));
    } catch (error) {
      // It has ended meanwhile.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  return seconds;
}

/** Milliseconds for each of `count` things between two looks, the greatest first. */
export function spentOn(count: number, before: ProcessorTime, after: ProcessorTime): [program: string, ms: number][] {
  return [...after]
    .map(([program, seconds]): [string, number] => [program, ((seconds - (before.get(program) ?? 0)) * 1_000) / count])
    .filter(([, ms]) => ms > 0)
    .toSorted(([, a], [, b]) => b - a);
}

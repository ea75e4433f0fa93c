// Starts and stops supervisors from outside: a detached process, known by a pid file with its start time and boot so that a reused pid is never signalled.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identify, isAlive, type ProcessIdentity } from '../cluster/processes/processIdentity.js';
import type { Layout } from './layout.js';
import type { Program, SupervisorFile } from './supervisor.js';
import { waitFor } from './waitFor.js';

function running(file: string): ProcessIdentity | undefined {
  if (!existsSync(file)) return undefined;
  const known = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
  return isAlive(known) ? known : undefined;
}

const pidFileOf = (layout: Layout, group: string) => path.join(layout.pidDir, `${group}.supervisor.json`);

/** Starts the group unless it runs already with the same programs; other programs replace it. */
export async function startGroup(layout: Layout, group: string, programs: Program[]): Promise<'started' | 'was running'> {
  mkdirSync(layout.pidDir, { recursive: true });
  const file = path.join(layout.pidDir, `${group}.programs.json`);
  const text = JSON.stringify({ pidDir: layout.pidDir, programs } satisfies SupervisorFile, null, 2);
  if (running(pidFileOf(layout, group))) {
    if (existsSync(file) && readFileSync(file, 'utf8') === text) return 'was running';
    await stopGroup(layout, group);
  }
  writeFileSync(file, text);
  mkdirSync(path.dirname(layout.logFile(group)), { recursive: true });
  const log = openSync(layout.logFile(`${group}-supervisor`), 'a');
  const child = spawn(process.execPath, [layout.program('e2e/stack/supervisor.js'), file], { detached: true, stdio: ['ignore', log, log] });
  child.unref();
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  if (!identity) throw new Error(`the supervisor of ${group} did not start; see ${layout.logFile(`${group}-supervisor`)}`);
  writeFileSync(pidFileOf(layout, group), JSON.stringify(identity));
  return 'started';
}

export async function stopGroup(layout: Layout, group: string): Promise<void> {
  const file = pidFileOf(layout, group);
  const known = running(file);
  if (known) {
    process.kill(known.pid, 'SIGTERM');
    await waitFor(`${group} to stop`, async () => running(file) === undefined, { timeoutMs: 60_000 });
  }
  rmSync(file, { force: true });
}

/** Pid of one supervised program; undefined while it is down. */
export function programPid(layout: Layout, program: string): number | undefined {
  const file = path.join(layout.pidDir, `${program}.pid`);
  if (!existsSync(file)) return undefined;
  const found = identify(Number(readFileSync(file, 'utf8')));
  return found && isAlive(found) ? found.pid : undefined;
}

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureRunning } from './ensureRunning.js';
import { identify, isAlive, readStat } from './processIdentity.js';
import { Programs, type Program } from './programs.js';

let folder: string;
let programs: Programs;
const sleeper: Program = { name: 'sleeper', command: '/bin/sleep', arguments: ['60'] };

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'enc-programs-'));
  programs = new Programs(path.join(folder, 'pids'), path.join(folder, 'logs'));
});
afterEach(async () => {
  await programs.stop('sleeper', 200);
  rmSync(folder, { recursive: true });
});

describe('readStat', () => {
  const stat = (name: string, state: string) => `7 (${name}) ${state} ${Array.from({ length: 30 }, (_, i) => i + 4).join(' ')}`;
  it.each([
    ['a plain name', stat('etcd', 'S'), { startTime: '22', ended: false }],
    ['a name with spaces and parentheses', stat('a) Z 1 (b', 'S'), { startTime: '22', ended: false }],
    ['a zombie', stat('etcd', 'Z'), { startTime: '22', ended: true }],
  ])('%s', (_, text, expected) => expect(readStat(text)).toEqual(expected));
});

describe('isAlive', () => {
  const self = identify(process.pid)!;
  it.each([
    ['this process', self, true],
    ['an earlier process of the same pid', { ...self, startTime: '1' }, false],
    ['the same of an earlier boot', { ...self, bootId: 'other' }, false],
  ])('%s', (_, identity, expected) => expect(isAlive(identity)).toBe(expected));
  it('tells a child that has ended, though nobody waited for it yet', () => {
    const child = spawn('/bin/true');
    // Busy, so that the event loop cannot wait for the child.
    while (!readStat(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).ended);
    const identity = identify(child.pid!);
    expect(identity?.pid).toBe(child.pid);
    expect(isAlive(identity!)).toBe(false);
  });
});

describe('Programs', () => {
  it('starts, recognises and stops', async () => {
    programs.start(sleeper);
    expect(programs.runs(sleeper)).toBe(true);
    const known = programs.running('sleeper')!;
    await programs.stop('sleeper');
    expect(isAlive(known)).toBe(false);
    expect(programs.running('sleeper')).toBeUndefined();
  });

  it('sees that its arguments or its files have changed', () => {
    const file = path.join(folder, 'config');
    writeFileSync(file, 'a');
    const configured = { ...sleeper, inputs: [file] };
    programs.start(configured);
    expect(programs.runs(configured)).toBe(true);
    expect(programs.runs({ ...configured, arguments: ['61'] })).toBe(false);
    writeFileSync(file, 'b');
    expect(programs.runs(configured)).toBe(false);
  });

  it('ends what ignores SIGTERM', async () => {
    const marker = path.join(folder, 'deaf');
    programs.start({ name: 'sleeper', command: '/bin/sh', arguments: ['-c', `trap '' TERM; : > ${marker}; while :; do sleep 0.05; done`] });
    const known = programs.running('sleeper')!;
    while (!existsSync(marker)) await new Promise((resolve) => setTimeout(resolve, 10));
    await programs.stop('sleeper', 200);
    expect(isAlive(known)).toBe(false);
  });

  it('never signals another process that has the pid now', async () => {
    const stranger = spawn('/bin/sleep', ['60']);
    try {
      const identity = identify(stranger.pid!)!;
      mkdirSync(path.join(folder, 'pids'), { recursive: true });
      writeFileSync(path.join(folder, 'pids/sleeper.json'), JSON.stringify({ ...identity, startTime: '1', fingerprint: '' }));
      await programs.stop('sleeper');
      expect(isAlive(identity)).toBe(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });
});

describe('ensureRunning', () => {
  it('starts what is not there, leaves alone what is ready', async () => {
    const component = { program: sleeper, ready: async () => true };
    expect(await ensureRunning(programs, component, () => undefined)).toBe('started');
    const { pid } = programs.running('sleeper')!;
    expect(await ensureRunning(programs, component, () => undefined)).toBe('was running');
    expect(programs.running('sleeper')!.pid).toBe(pid);
  });
  it('replaces what was started otherwise', async () => {
    programs.start({ ...sleeper, arguments: ['61'] });
    expect(await ensureRunning(programs, { program: sleeper, ready: async () => true }, () => undefined)).toBe('started');
    expect(programs.runs(sleeper)).toBe(true);
  });
  it('says what a program said that ended by itself', async () => {
    const broken = { name: 'sleeper', command: '/bin/sh', arguments: ['-c', 'echo no such flag; exit 3'] };
    await expect(ensureRunning(programs, { program: broken, ready: async () => false }, () => undefined)).rejects.toThrow(
      /ended by itself: no such flag/,
    );
    expect(readFileSync(programs.logFile('sleeper'), 'utf8')).toBe('no such flag\n');
  });
});

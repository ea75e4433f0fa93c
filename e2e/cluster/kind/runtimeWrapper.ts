#!/usr/bin/env node
// An OCI runtime for machines whose root lacks CAP_SYS_RESOURCE: takes out of a container's configuration what could not be given, then runs runc.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withoutLacking, type OciProcess } from './withoutLacking.js';

const RUNC = 'runc';

function rewrite(file: string, change: (value: Record<string, unknown>) => void): void {
  if (!existsSync(file)) return;
  const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(value);
  writeFileSync(file, JSON.stringify(value));
}

const flag = (name: string): string | undefined => {
  const at = process.argv.findIndex((one) => one === `--${name}` || one.startsWith(`--${name}=`));
  return at < 0 ? undefined : (process.argv[at]!.split('=')[1] ?? process.argv[at + 1]);
};

const hardFiles = Number(/Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024);
const bundle = flag('bundle') ?? flag('b');
if (bundle !== undefined) rewrite(path.join(bundle, 'config.json'), (config) => withoutLacking(config['process'] as OciProcess, hardFiles));
const exec = flag('process') ?? flag('p');
if (exec !== undefined) rewrite(exec, (one) => withoutLacking(one as OciProcess, hardFiles));
const { status, signal } = spawnSync(RUNC, process.argv.slice(2), { stdio: 'inherit' });
process.exit(signal === null ? (status ?? 1) : 1);

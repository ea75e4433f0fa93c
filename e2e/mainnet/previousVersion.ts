// The version before this one, out of the repository's history: its chart, and an image of its own programs, compiled as they were.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { checkout } from '../cluster/checkout.js';
import { runCommand } from '../cluster/shell/runCommand.js';

const CHART = 'charts/mainnet';
const COMPILE_WITHIN_MS = 300_000;

export interface PreviousVersion {
  /** Of its chart. */
  version: string;
  /** undefined where history does not reach so far: then it is the present one under another version. */
  commit: string | undefined;
  /** Its checkout, compiled. */
  root: string;
  chart: string;
}

const versionIn = (chartFile: string): string => (parse(chartFile) as { version: string }).version;
const git = (arguments_: string[], cwd = checkout): Promise<string> => runCommand('git', arguments_, { cwd, timeoutMs: 60_000 });

/** The last commit whose chart has another version than the present one; undefined when history does not reach so far. */
async function lastCommitBefore(): Promise<string | undefined> {
  const said = (arguments_: string[]) => git(arguments_).then((text) => text.trim(), () => '');
  if ((await said(['rev-parse', '--is-shallow-repository'])) === 'true') await said(['fetch', '--quiet', '--unshallow']);
  const [since] = (await said(['log', '--format=%H', '-G^version:', '--', `${CHART}/Chart.yaml`])).split('\n');
  return (since && (await said(['rev-parse', '--verify', '--quiet', `${since}^`]))) || undefined;
}

/** For a checkout without history: an upgrade between two versions of the same programs shows everything but that old ones go with new ones. */
function presentUnderAnotherVersion(folder: string): PreviousVersion {
  const version = '0.0.0';
  for (const part of [CHART, 'dist', 'examples', 'package.json', 'package-lock.json']) cpSync(path.join(checkout, part), path.join(folder, part), { recursive: true });
  symlinkSync(path.join(checkout, 'node_modules'), path.join(folder, 'node_modules'));
  const chart = path.join(folder, CHART);
  const change = (file: string, from: RegExp, to: string) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  change(path.join(chart, 'Chart.yaml'), /^version: .*$/m, `version: ${version}`);
  change(path.join(folder, 'package.json'), /"version": "[^"]*"/, `"version": "${version}"`);
  return { version, commit: undefined, root: folder, chart };
}

/** Made anew in `folder`. Packages are those that are installed here where the lock files agree; else its own are installed. */
export async function preparePreviousVersion(folder: string): Promise<PreviousVersion> {
  const present = readFileSync(path.join(checkout, CHART, 'Chart.yaml'), 'utf8');
  const commit = await lastCommitBefore();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
  if (commit === undefined) return presentUnderAnotherVersion(folder);
  await git(['clone', '--quiet', '--shared', '--no-checkout', checkout, folder]);
  await git(['checkout', '--quiet', commit], folder);
  const lock = (root: string) => readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  if (lock(folder) === lock(checkout)) symlinkSync(path.join(checkout, 'node_modules'), path.join(folder, 'node_modules'));
  else await runCommand('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, timeoutMs: COMPILE_WITHIN_MS });
  await runCommand(path.join(folder, 'node_modules/.bin/tsc'), ['-p', '.'], { cwd: folder, timeoutMs: COMPILE_WITHIN_MS });
  const chart = path.join(folder, CHART);
  const version = versionIn(readFileSync(path.join(chart, 'Chart.yaml'), 'utf8'));
  if (!existsSync(path.join(folder, 'dist/cli/bpci.js')) || version === versionIn(present)) throw new Error(`commit ${commit} is not the version before chart ${version}`);
  return { version, commit, root: folder, chart };
}

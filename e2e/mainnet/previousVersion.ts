// The version before this one, out of the repository's history: its chart, and an image of its own programs, compiled as they were.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { checkout } from '../cluster/checkout.js';
import { runCommand } from '../cluster/shell/runCommand.js';

const CHART = 'charts/mainnet';
const COMPILE_WITHIN_MS = 300_000;

export interface PreviousVersion {
  /** Of its chart. */
  version: string;
  commit: string;
  /** Its checkout, compiled. */
  root: string;
  chart: string;
}

const versionIn = (chartFile: string): string => (parse(chartFile) as { version: string }).version;
const git = (arguments_: string[], cwd = checkout): Promise<string> => runCommand('git', arguments_, { cwd, timeoutMs: 60_000 });

/** The last commit whose chart has another version than the present one. Rejects when history does not reach so far. */
async function lastCommitBefore(version: string): Promise<string> {
  const [since] = (await git(['log', '--format=%H', '-G^version:', '--', `${CHART}/Chart.yaml`])).split('\n');
  const commit = since && (await git(['rev-parse', '--verify', '--quiet', `${since}^`]).catch(() => '')).trim();
  if (!commit) throw new Error(`the commit before chart ${version} is not in this repository's history, so there is no previous version to upgrade from; fetch all of it: git fetch --unshallow`);
  return commit;
}

/** Made anew in `folder`. Packages are those that are installed here where the lock files agree; else its own are installed. */
export async function preparePreviousVersion(folder: string): Promise<PreviousVersion> {
  const present = readFileSync(path.join(checkout, CHART, 'Chart.yaml'), 'utf8');
  const commit = await lastCommitBefore(versionIn(present));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
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

// Installs the Debian packages that a real node needs, if one is missing.
import { ClusterError } from '../clusterError.js';
import type { Log } from '../provider.js';
import { exclusively } from '../shell/exclusively.js';
import { secondsSince } from '../shell/eventually.js';
import { runCommand } from '../shell/runCommand.js';
import { NODE_PACKAGES, examineMachine, type Machine } from './machine.js';

const WITHIN_MS = 600_000;

/** Throws 'real-node-impossible' when something is still missing afterwards. */
export async function installPackages(machine: Machine, log: Log): Promise<Machine> {
  if (machine.missing.length === 0) return machine;
  const began = Date.now();
  log(`installing ${NODE_PACKAGES.join(', ')} with apt-get (missing: ${machine.missing.join(', ')})`);
  // apt needs the user's proxies, which other programs are started without.
  const options = { timeoutMs: WITHIN_MS, environment: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await exclusively('apt-get', log, async () => {
    await runCommand('apt-get', ['update', '-qq'], options);
    await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...NODE_PACKAGES], options);
  });
  const now = examineMachine(machine.otherKubelet);
  if (now.missing.length > 0)
    throw new ClusterError('real-node-impossible', `apt-get installed the packages, but ${now.missing.join(', ')} are still not found`);
  log(`installed the packages (${secondsSince(began)})`);
  return now;
}

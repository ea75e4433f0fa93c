// Ends every container of the real node and frees what a pod holds on the machine: network, processes, mounts, cgroups.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { network } from '../local/network.js';
import { identify, isAlive, type ProcessIdentity } from '../processes/processIdentity.js';
import { eventually } from '../shell/eventually.js';
import { tryCommand } from '../shell/runCommand.js';
import { containerdPaths } from './containerdConfig.js';

const CNI_RESULTS = '/var/lib/cni/results';
const CGROUPS = '/sys/fs/cgroup';
const CONTAINER_LOGS = '/var/log/containers';
const GONE_WITHIN = { timeoutMs: 10_000, everyMs: 30 };

interface CachedResult {
  containerId: string;
  ifName: string;
  networkName: string;
  /** The network's configuration, base64. */
  config: string;
  capabilityArgs?: Record<string, unknown>;
  result: { interfaces?: { sandbox?: string }[] };
}
interface NetworkConfig {
  cniVersion: string;
  name: string;
  plugins: ({ type: string; capabilities?: Record<string, boolean> } & Record<string, unknown>)[];
}

function callPlugin(plugin: string, input: string, environment: Record<string, string>): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn(plugin, [], { stdio: ['pipe', 'ignore', 'ignore'], env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...environment } });
    child.once('error', () => resolve());
    child.once('close', () => resolve());
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

/** CNI's DEL for every pod of our network that its library still remembers (CNI spec 0.4.0, "Network Configuration List Execution"). */
async function removePodNetworks(cniBinDir: string): Promise<void> {
  if (!existsSync(CNI_RESULTS)) return;
  for (const file of readdirSync(CNI_RESULTS).map((name) => path.join(CNI_RESULTS, name))) {
    if (!path.basename(file).startsWith(`${network.cniNetwork}-`)) continue;
    const cached = JSON.parse(readFileSync(file, 'utf8')) as CachedResult;
    const { cniVersion, name, plugins } = JSON.parse(Buffer.from(cached.config, 'base64').toString()) as NetworkConfig;
    const sandbox = cached.result.interfaces?.map((one) => one.sandbox).find(Boolean) ?? '';
    const environment = {
      CNI_COMMAND: 'DEL',
      CNI_CONTAINERID: cached.containerId,
      CNI_NETNS: sandbox,
      CNI_IFNAME: cached.ifName,
      CNI_PATH: cniBinDir,
    };
    for (const { capabilities = {}, ...plugin } of plugins.toReversed()) {
      const given = Object.entries(cached.capabilityArgs ?? {}).filter(([key]) => capabilities[key]);
      const input = JSON.stringify({ ...plugin, cniVersion, name, runtimeConfig: Object.fromEntries(given), prevResult: cached.result });
      await callPlugin(path.join(cniBinDir, plugin.type), input, environment);
    }
    if (sandbox) {
      await tryCommand('umount', ['--lazy', sandbox]);
      rmSync(sandbox, { force: true });
    }
    for (const leftover of [file, path.join(CNI_RESULTS, `cni-loopback-${cached.containerId}-lo`)]) rmSync(leftover, { force: true });
  }
}

/** Pid → parent's pid, of every process there is. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      found.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** The pids themselves and all that descend from them. */
export function withDescendants(pids: readonly number[], parentOf: ReadonlyMap<number, number>): number[] {
  const found = new Set(pids);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parentOf) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** The shims that name our containerd's socket, with all that run under them. */
function podProcesses(socket: string): ProcessIdentity[] {
  const parentOf = parents();
  const shims = [...parentOf.keys()].filter((pid) => {
    const words = commandLine(pid);
    return words[0]?.includes('containerd-shim') && words.includes(socket);
  });
  return withDescendants(shims, parentOf).flatMap((pid) => identify(pid) ?? []);
}

async function killPods(socket: string): Promise<void> {
  const doomed = podProcesses(socket);
  // Containers first: a shim that dies before them would leave them to init.
  for (const one of doomed.toReversed()) if (isAlive(one)) process.kill(one.pid, 'SIGKILL');
  await eventually("the pods' processes to be gone", async () => !doomed.some(isAlive), GONE_WITHIN);
}

/** Mount points at or below one of the folders, in /proc/self/mountinfo's order reversed: innermost first. */
export function mountsBelow(mountinfo: string, folders: readonly string[]): string[] {
  const unescape = (text: string) => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
  return mountinfo
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map(unescape)
    .filter((point) => folders.some((folder) => point === folder || point.startsWith(`${folder}/`)))
    .toReversed();
}

async function unmountBelow(folder: string): Promise<void> {
  for (const point of mountsBelow(readFileSync('/proc/self/mountinfo', 'utf8'), [folder])) {
    if ((await tryCommand('umount', [point])).code !== 0) await tryCommand('umount', ['--lazy', point]);
  }
}

function removeCgroup(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeCgroup(path.join(folder, entry.name));
  rmdirSync(folder);
}

async function removeCgroups(): Promise<void> {
  if (!existsSync(CGROUPS)) return;
  const hierarchies = existsSync(path.join(CGROUPS, 'cgroup.controllers')) ? [CGROUPS] : readdirSync(CGROUPS).map((name) => path.join(CGROUPS, name));
  for (const folder of hierarchies.map((hierarchy) => path.join(hierarchy, 'kubepods'))) {
    // The kernel frees a cgroup a moment after its last process is gone.
    if (existsSync(folder)) await eventually(`${folder} to be removable`, async () => (removeCgroup(folder), true), GONE_WITHIN);
  }
}

/** The kubelet links every container's log here, wherever the logs are. */
function removeLogLinks(nodeDir: string): void {
  if (!existsSync(CONTAINER_LOGS)) return;
  for (const name of readdirSync(CONTAINER_LOGS)) {
    const link = path.join(CONTAINER_LOGS, name);
    try {
      if (readlinkSync(link).startsWith(`${nodeDir}/`)) rmSync(link);
    } catch {
      // Not a link: not the kubelet's.
    }
  }
}

/** A shim that was killed leaves its socket, whose address is in its container's bundle. */
function removeShimSockets(bundles: string): void {
  if (!existsSync(bundles)) return;
  for (const file of readdirSync(bundles).map((id) => path.join(bundles, id, 'address'))) {
    if (existsSync(file))
      rmSync(
        readFileSync(file, 'utf8')
          .trim()
          .replace(/^unix:\/\//, ''),
        { force: true },
      );
  }
}

/** To be called when the kubelet and containerd have ended; can be repeated. */
export async function removePods(nodeDir: string, cniBinDir: string | undefined): Promise<void> {
  const { socket, bundles } = containerdPaths(nodeDir);
  await killPods(socket);
  removeShimSockets(bundles);
  if (cniBinDir) await removePodNetworks(cniBinDir);
  await unmountBelow(nodeDir);
  await removeCgroups();
  removeLogLinks(nodeDir);
}

// What the machine offers a real node, and the one line that says what it lacks.
import { existsSync, readFileSync, statfsSync } from 'node:fs';
import path from 'node:path';

export interface Machine {
  platform: NodeJS.Platform;
  uid: number;
  /** Effective capabilities, a bit each (capabilities(7)). */
  capabilities: bigint;
  overlay: boolean;
  cgroups: boolean;
  apt: boolean;
  /** Programs that a node needs and that are not there. */
  missing: string[];
  runc?: string;
  cniBinDir?: string;
  /** A cluster's kubelet that is not ours holds /kubepods. */
  otherKubelet: boolean;
}

const CAP_NET_ADMIN = 12n;
const CAP_SYS_ADMIN = 21n;
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
const CNI_DIRS = ['/usr/lib/cni', '/opt/cni/bin'];
const CNI_PLUGINS = ['bridge', 'host-local', 'portmap', 'loopback'];
const OVERLAYFS_MAGIC = 0x794c7630;
export const NODE_PACKAGES = ['containerd', 'runc', 'containernetworking-plugins', 'iptables', 'iproute2', 'mount'];

export const programPath = (name: string): string | undefined =>
  SYSTEM_PATH.map((folder) => path.join(folder, name)).find((file) => existsSync(file));
export const isOnOverlay = (folder: string): boolean => statfsSync(folder).type === OVERLAYFS_MAGIC;

const read = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

export function examineMachine(otherKubelet: boolean): Machine {
  const cniBinDir = CNI_DIRS.find((folder) => CNI_PLUGINS.every((plugin) => existsSync(path.join(folder, plugin))));
  const missing = ['containerd', 'ctr', 'runc', 'iptables', 'ip', 'mount', 'umount'].filter((name) => !programPath(name));
  return {
    platform: process.platform,
    uid: process.getuid?.() ?? -1,
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(read('/proc/self/status'))?.[1] ?? '0'}`),
    overlay: /\boverlay$/m.test(read('/proc/filesystems')),
    cgroups: existsSync('/sys/fs/cgroup/cgroup.controllers') || existsSync('/sys/fs/cgroup/memory'),
    apt: programPath('apt-get') !== undefined,
    missing: cniBinDir ? missing : [...missing, `CNI plugins (${CNI_PLUGINS.join(', ')})`],
    runc: programPath('runc'),
    cniBinDir,
    otherKubelet,
  };
}

/** Undefined when a real node is possible, if need be after installing packages. */
export function whyNoRealNode({ platform, uid, capabilities, overlay, cgroups, apt, missing, otherKubelet }: Machine): string | undefined {
  const has = (capability: bigint) => ((capabilities >> capability) & 1n) === 1n;
  if (platform !== 'linux') return `needs Linux, this is ${platform}`;
  if (uid !== 0) return `needs root (this is uid ${uid}) to run containerd and a kubelet`;
  if (!has(CAP_SYS_ADMIN) || !has(CAP_NET_ADMIN)) return 'needs the capabilities SYS_ADMIN and NET_ADMIN, which root lacks here';
  if (!overlay) return 'the kernel has no overlay file system';
  if (!cgroups) return 'no cgroup controllers are mounted under /sys/fs/cgroup';
  if (otherKubelet) return 'another kubelet or local cluster has the machine; stop it first';
  if (missing.length > 0 && !apt) return `lacks ${missing.join(', ')}, and there is no apt-get to install ${NODE_PACKAGES.join(', ')}`;
  return undefined;
}

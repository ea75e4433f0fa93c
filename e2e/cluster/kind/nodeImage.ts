// A kind node image where kind's published one cannot be pulled: made once of Debian packages and Go modules, and kept in the engine under a name of its content.
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentKey } from '../build/contentKey.js';
import { ensureBinaries, type BuildContext } from '../build/ensureBinaries.js';
import { clusterSources } from '../checkout.js';
import { ClusterError } from '../clusterError.js';
import { goEnvironment } from '../config.js';
import { imageArchive } from '../images/dockerArchive.js';
import { ensureImages } from '../images/ensureImages.js';
import { withLibraries } from '../images/hostFiles.js';
import { exclusively } from '../shell/exclusively.js';
import { secondsSince } from '../shell/eventually.js';
import { runCommand, tryCommand } from '../shell/runCommand.js';
import type { Engine } from './engine.js';

const SUITE = 'bookworm';
const PACKAGES = [
  'systemd', 'systemd-sysv', 'dbus', 'conntrack', 'iptables', 'nftables', 'ipset', 'iproute2', 'ethtool', 'kmod', 'runc', 'containernetworking-plugins', 'jq', 'procps',
  'socat', 'util-linux', 'mount', 'ca-certificates', 'hostname', 'rsync', 'tar', 'gzip',
];
const HOST_PACKAGES = ['mmdebstrap', 'jq', 'iptables', 'nftables', 'ipset', 'conntrack', 'iproute2'];
const NODE_BINARIES = ['kubeadm', 'kubelet', 'kubectl', 'containerd', 'containerd-shim-runc-v2', 'ctr'];
const CONTROL_PLANE = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'etcd'];
export const NODE_IMAGE_BINARIES = [...NODE_BINARIES, ...CONTROL_PLANE, 'coredns', 'kube-router'];
/** That kind's containerd configuration names. */
const SANDBOX = 'registry.k8s.io/pause:3.10';
/** What kube-proxy and kube-router call. */
const FIREWALL = ['xtables-nft-multi', 'iptables', 'iptables-save', 'iptables-restore', 'ip6tables', 'ip6tables-save', 'ip6tables-restore', 'nft', 'ipset', 'conntrack', 'ip'];
const FILES = ['nodeImage.sh', 'cni.template', 'networkPolicies.yaml', 'storage.yaml'];
const BUILT_WITHIN_MS = 900_000;

/** The node image's name; builds it when the engine does not have it. Throws ClusterError 'build-failed'. */
export async function ensureNodeImage(context: BuildContext, { environment }: Engine): Promise<string> {
  const source = path.join(clusterSources, 'kind');
  const binaries = await ensureBinaries(NODE_IMAGE_BINARIES, { ...context, assets: undefined });
  const recipe = FILES.map((file) => readFileSync(path.join(source, file), 'utf8'));
  const key = contentKey([...recipe, ...NODE_IMAGE_BINARIES.map((name) => binaries[name]!), ...PACKAGES, SUITE, process.arch]);
  const tag = `enc.local/kind-node:${key}`;
  const there = async () => (await tryCommand('docker', ['images', '-q', tag], { environment })).stdout.trim() !== '';
  await exclusively(path.join(context.cacheDir, 'kind-node'), context.log, async () => {
    if (await there()) return;
    const began = Date.now();
    context.log('building the kind node image of Debian packages and Go modules');
    await installHostPackages(context);
    const rootfs = await ensureRootFileSystem(context);
    const work = mkdtempSync(path.join(context.cacheDir, 'kind-build-'));
    try {
      await collect(work, binaries, context);
      await runCommand(path.join(source, 'nodeImage.sh'), [], {
        timeoutMs: BUILT_WITHIN_MS,
        environment: {
          ...environment, ROOTFS: rootfs, KIND_FILES: await kindFiles(), BINARIES: path.join(work, 'bin'), IMAGES: path.join(work, 'images'), WORK: path.join(work, 'work'), TAG: tag,
          VERSION: await kubernetesVersion(binaries['kubeadm']!),
          CNI_TEMPLATE: path.join(source, 'cni.template'), CNI_MANIFEST: path.join(source, 'networkPolicies.yaml'), STORAGE_MANIFEST: path.join(source, 'storage.yaml'),
        },
      });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
    context.log(`built ${tag} in ${secondsSince(began)}`);
  });
  if (!(await there())) throw new ClusterError('build-failed', `${tag} was built, but the engine does not list it`);
  return tag;
}

async function installHostPackages({ log }: BuildContext): Promise<void> {
  const programs = ['mmdebstrap', 'jq', 'iptables', 'nft', 'ipset', 'conntrack', 'ip'];
  const lacking = programs.filter((program) => !['/usr/bin', '/usr/sbin', '/sbin', '/bin'].some((folder) => existsSync(path.join(folder, program))));
  if (lacking.length === 0) return;
  log(`installing ${HOST_PACKAGES.join(', ')} with apt-get`);
  const options = { timeoutMs: 600_000, environment: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await runCommand('apt-get', ['update', '-qq'], options);
  await runCommand('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...HOST_PACKAGES], options);
}

async function ensureRootFileSystem({ cacheDir, log }: BuildContext): Promise<string> {
  const file = path.join(cacheDir, `kind-rootfs-${contentKey([SUITE, ...PACKAGES, process.arch])}.tar`);
  if (existsSync(file)) return file;
  const began = Date.now();
  const unfinished = `${file}.${process.pid}.tar`;
  await runCommand('mmdebstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, SUITE, unfinished], { timeoutMs: BUILT_WITHIN_MS, environment: process.env });
  renameSync(unfinished, file);
  log(`made a Debian root file system in ${secondsSince(began)}`);
  return file;
}

/** kind's own files for a node, out of its module. */
async function kindFiles(): Promise<string> {
  const folder = path.join(clusterSources, 'tools/kind');
  const environment = goEnvironment();
  await runCommand('go', ['mod', 'download', 'sigs.k8s.io/kind'], { cwd: folder, environment, timeoutMs: 300_000 });
  return path.join((await runCommand('go', ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kind'], { cwd: folder, environment })).trim(), 'images/base/files');
}

const kubernetesVersion = async (kubeadm: string) => (await runCommand(kubeadm, ['version', '-o', 'short'])).trim();

/** The binaries under one folder and the images, by the names that kubeadm asks for, under another. */
async function collect(work: string, binaries: Record<string, string>, context: BuildContext): Promise<void> {
  for (const folder of ['bin', 'images', 'work']) mkdirSync(path.join(work, folder));
  for (const name of NODE_BINARIES) copyFileSync(binaries[name]!, path.join(work, 'bin', name));
  const version = await kubernetesVersion(binaries['kubeadm']!);
  const names = (await runCommand(binaries['kubeadm']!, ['config', 'images', 'list', '--kubernetes-version', version])).trim().split('\n');
  const firewall = await withLibraries([...FIREWALL.map((name) => `/usr/sbin/${name}`).map(existing), ...extensions()]);
  for (const reference of names) {
    const program = /([a-z-]+):[^:]+$/.exec(reference)![1]!;
    if (program === 'pause') continue;
    await write(work, reference, program, binaries[program]!, program === 'kube-proxy' ? firewall : []);
  }
  await write(work, 'enc.local/kube-router:1', 'kube-router', binaries['kube-router']!, firewall);
  for (const { reference, file } of await ensureImages(context)) {
    copyFileSync(file, path.join(work, 'images', path.basename(file)));
    if (reference.startsWith('enc.local/pause')) await retag(file, SANDBOX, path.join(work, 'images', 'sandbox.tar'));
  }
}

const existing = (file: string): string => [file, file.replace('/usr/sbin/', '/usr/bin/'), file.replace('/usr/sbin/', '/sbin/')].find(existsSync) ?? file;

/** Loaded by name at run time, so the loader does not list them. */
function extensions(): string[] {
  const folder = `/usr/lib/${process.arch === 'x64' ? 'x86_64' : 'aarch64'}-linux-gnu/xtables`;
  return readdirSync(folder).filter((file) => file.endsWith('.so')).map((file) => path.join(folder, file));
}

async function write(work: string, reference: string, program: string, binary: string, more: Awaited<ReturnType<typeof withLibraries>>): Promise<void> {
  const own = { name: `usr/local/bin/${program}`, content: readFileSync(binary), mode: 0o755 };
  const image = { reference, entrypoint: [`/usr/local/bin/${program}`], user: '0:0', architecture: process.arch === 'x64' ? 'amd64' : process.arch };
  writeFileSync(path.join(work, 'images', `${program}.tar`), imageArchive(image, more.length > 0 ? [more, [own]] : [[own]]));
}

/** The same archive under another name: only its manifest changes. */
async function retag(archive: string, reference: string, into: string): Promise<void> {
  const folder = mkdtempSync(`${into}.`);
  await runCommand('tar', ['-xf', archive, '-C', folder]);
  const file = path.join(folder, 'manifest.json');
  const [manifest] = JSON.parse(readFileSync(file, 'utf8')) as { RepoTags: string[] }[];
  writeFileSync(file, JSON.stringify([{ ...manifest, RepoTags: [reference] }]));
  await runCommand('tar', ['-cf', into, '-C', folder, ...readdirSync(folder)]);
  rmSync(folder, { recursive: true });
}

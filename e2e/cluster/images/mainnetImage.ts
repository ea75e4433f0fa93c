// The image of all programs of the mainnet, made without a container engine and without a registry: this machine's Node and its libraries, the packages of production, the compiled code.
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { checkout } from '../checkout.js';
import { ClusterError } from '../clusterError.js';
import { imageArchive } from './dockerArchive.js';
import { sharedLibraries, withLibraries } from './hostFiles.js';
import type { TarFile } from './tar.js';

export const MAINNET_IMAGE = 'enc.local/mainnet:1';
/** The same as in the Dockerfile: nobody on the host. */
const USER = 65_532;
const NODE = 'usr/bin/node';
/** The story and what it waits with are what helm test runs. */
const PROGRAM_FOLDERS = ['api', 'chain', 'cli', 'crypto', 'e2e/stack', 'e2e/story', 'operator', 'policy', 'receipts', 'services', 'webhooks'];
const EXAMPLES = 'examples';
/** Not needed to run: types, maps, documents, sources of native parts, builds for other systems; folders only where a package has them at its root. */
const LEFT_OUT = /\.(?:d\.[cm]?ts|map|md|markdown|tsbuildinfo|cc?|cpp|h|hpp|gyp|gypi|flow)$|\.test\.js$|^app\/dist\/(?:.*\/)?testing\/|\/node_modules\/(?:@[^/]+\/)?[^/]+\/(?:tests?|docs?|examples?|deps|\.github)\/|\.musl\.node$|(?:LICENSE|CHANGELOG)[^/]*\.txt$/i;

interface Lock {
  packages: Record<string, { dev?: boolean; devOptional?: boolean; version?: string }>;
}

export interface PackageOf {
  name: string;
  version: string;
  folder: string;
}

/** What production needs, by the lock file, as far as it is installed here: optional parts for other systems are not. */
export function productionPackages(lock: Lock, installed: (folder: string) => boolean): PackageOf[] {
  return Object.entries(lock.packages)
    .filter(([folder, { dev, devOptional }]) => folder !== '' && !dev && !devOptional && installed(folder))
    .map(([folder, { version = '' }]) => ({ name: folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length), version, folder }));
}

function filesUnder(folder: string, into: string): TarFile[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): TarFile[] => {
    const file = path.join(folder, entry.name);
    const name = `${into}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' || LEFT_OUT.test(`${name}/`) ? [] : filesUnder(file, name);
    if (!entry.isFile() || LEFT_OUT.test(name)) return [];
    return [{ name, content: readFileSync(file), mode: statSync(file).mode & 0o111 ? 0o755 : 0o644 }];
  });
}

/** A user with a name, and the order in which names are looked up: what the C library asks for. */
const systemFiles: TarFile[] = [
  { name: 'etc/passwd', content: Buffer.from(`root:x:0:0::/:/none\nenc:x:${USER}:${USER}::/app:/none\n`) },
  { name: 'etc/group', content: Buffer.from(`root:x:0:\nenc:x:${USER}:\n`) },
  { name: 'etc/nsswitch.conf', content: Buffer.from('passwd: files\ngroup: files\nhosts: files dns\n') },
];

export interface MainnetImageOptions {
  reference?: string;
  /** false leaves the native back ends out: the pure JavaScript ones are used then. */
  native?: boolean;
  sbom: Buffer;
  /** A checkout whose code is compiled and whose packages are installed; this one when absent. */
  root?: string | undefined;
}

/** Throws ClusterError 'build-failed' when the code is not compiled. */
export async function mainnetImage({ reference = MAINNET_IMAGE, native = true, sbom, root = checkout }: MainnetImageOptions): Promise<Buffer> {
  const dist = path.join(root, 'dist');
  if (!existsSync(path.join(dist, 'cli/bpci.js'))) throw new ClusterError('build-failed', 'the image: dist/ is not compiled; run make build');
  const node = realpathSync(process.execPath);
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as Lock;
  const packages = productionPackages(lock, (folder) => existsSync(path.join(root, folder)));
  const modules = packages
    .filter(({ name }) => native || !/blst/.test(name))
    .flatMap(({ folder }) => filesUnder(path.join(root, folder), `app/${folder}`));
  const natives = modules.filter(({ name }) => name.endsWith('.node')).map(({ name }) => path.join(root, name.slice('app/'.length)));
  const libraries = (await Promise.all(natives.map(sharedLibraries))).flat();
  const system = (await withLibraries([node, ...new Set(libraries)])).map((file) => (file.name === node.slice(1) ? { ...file, name: NODE } : file));
  const program = PROGRAM_FOLDERS.filter((folder) => existsSync(path.join(dist, folder))).flatMap((folder) => filesUnder(path.join(dist, folder), `app/dist/${folder}`));
  const own: TarFile[] = [
    { name: 'app/package.json', content: readFileSync(path.join(root, 'package.json')) },
    { name: 'app/sbom.cdx.json', content: sbom },
    ...readdirSync(path.join(root, EXAMPLES)).toSorted().map((file) => ({ name: `app/${EXAMPLES}/${file}`, content: readFileSync(path.join(root, EXAMPLES, file)) })),
  ];
  return imageArchive(
    {
      reference,
      entrypoint: [`/${NODE}`, '/app/dist/cli/bpci.js'],
      user: `${USER}:${USER}`,
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      labels: { 'org.opencontainers.image.title': 'enc-cluster mainnet', 'org.opencontainers.image.licenses': 'Apache-2.0' },
    },
    [[...system, ...systemFiles], modules, [...program, ...own]],
  );
}

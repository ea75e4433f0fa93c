// Makes a container image of layers of files, as the archive that `docker save` writes and containerd imports: the same content gives the same bytes.
import { createHash } from 'node:crypto';
import { tar, type TarFile } from './tar.js';

export interface Image {
  /** name:tag */
  reference: string;
  entrypoint: string[];
  /** uid:gid that it runs as. */
  user: string;
  exposedPort?: number;
  /** Go's GOARCH. */
  architecture: string;
  labels?: Record<string, string>;
}
export interface OneProgramImage extends Omit<Image, 'entrypoint' | 'labels'> {
  /** Path of the program inside the image, without the first slash. */
  program: string;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const EPOCH = new Date(0).toISOString();

/** The lowest layer first; files are put in the order of their names. */
export function imageArchive({ reference, entrypoint, user, exposedPort, architecture, labels }: Image, layers: readonly (readonly TarFile[])[]): Buffer {
  const made = layers.map((files) => {
    const bytes = tar(files.toSorted((a, b) => (a.name < b.name ? -1 : 1)));
    return { bytes, digest: sha256(bytes) };
  });
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      created: EPOCH,
      config: {
        Entrypoint: entrypoint,
        User: user,
        WorkingDir: '/',
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/'],
        ...(exposedPort ? { ExposedPorts: { [`${exposedPort}/tcp`]: {} } } : {}),
        ...(labels ? { Labels: labels } : {}),
      },
      rootfs: { type: 'layers', diff_ids: made.map(({ digest }) => `sha256:${digest}`) },
      history: made.map(() => ({ created: EPOCH, created_by: 'enc-cluster' })),
    }),
  );
  const configFile = `${sha256(config)}.json`;
  const manifest = [{ Config: configFile, RepoTags: [reference], Layers: made.map(({ digest }) => `${digest}.tar`) }];
  return tar([
    { name: configFile, content: config },
    ...made.map(({ bytes, digest }) => ({ name: `${digest}.tar`, content: bytes })),
    { name: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

export function dockerArchive({ program, ...image }: OneProgramImage, content: Buffer): Buffer {
  return imageArchive({ ...image, entrypoint: [`/${program}`] }, [[{ name: program, content, mode: 0o755 }]]);
}

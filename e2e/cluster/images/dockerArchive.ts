// Makes a container image of one static program, as the archive that `docker save` writes and containerd imports.
import { createHash } from 'node:crypto';
import { tar } from './tar.js';

export interface OneProgramImage {
  /** name:tag */
  reference: string;
  /** Path of the program inside the image, without the first slash. */
  program: string;
  /** uid:gid that it runs as. */
  user: string;
  exposedPort?: number;
  /** Go's GOARCH. */
  architecture: string;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** The archive's bytes: the same image and program always give the same. */
export function dockerArchive(image: OneProgramImage, program: Buffer): Buffer {
  const layer = tar([{ name: image.program, content: program, mode: 0o755 }]);
  const layerFile = `${sha256(layer)}.tar`;
  const config = Buffer.from(
    JSON.stringify({
      architecture: image.architecture,
      os: 'linux',
      created: new Date(0).toISOString(),
      config: {
        Entrypoint: [`/${image.program}`],
        User: image.user,
        WorkingDir: '/',
        Env: ['PATH=/'],
        ...(image.exposedPort ? { ExposedPorts: { [`${image.exposedPort}/tcp`]: {} } } : {}),
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created: new Date(0).toISOString(), created_by: 'enc-cluster' }],
    }),
  );
  const configFile = `${sha256(config)}.json`;
  const manifest = [{ Config: configFile, RepoTags: [image.reference], Layers: [layerFile] }];
  return tar([
    { name: configFile, content: config },
    { name: layerFile, content: layer },
    { name: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

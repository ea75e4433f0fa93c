// Builds the images that a cluster starts with from the Go programs beside this file, and keeps their archives in the cache.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { contentKey } from '../build/contentKey.js';
import type { BuildContext } from '../build/ensureBinaries.js';
import { goBuild, requireGo } from '../build/goCommand.js';
import { clusterSources } from '../checkout.js';
import { exclusively } from '../shell/exclusively.js';
import { secondsSince } from '../shell/eventually.js';
import { dockerArchive } from './dockerArchive.js';

interface ImageSource {
  /** Folder beside this file, and the program's name. */
  name: string;
  reference: string;
  user: string;
  exposedPort?: number;
}

export const PAUSE_IMAGE = 'enc.local/pause:1';
const DEMO_IMAGE = 'enc.local/demo:1';

const sources: readonly ImageSource[] = [
  { name: 'pause', reference: PAUSE_IMAGE, user: '65535:65535' },
  { name: 'demo', reference: DEMO_IMAGE, user: '65532:65532', exposedPort: 8080 },
];

export interface ImageArchive {
  reference: string;
  file: string;
  /** Changes with the image's content. */
  key: string;
}

export async function ensureImages({ cacheDir, log }: BuildContext): Promise<ImageArchive[]> {
  const go = await requireGo();
  const folder = path.join(cacheDir, 'images');
  mkdirSync(folder, { recursive: true });
  const archives: ImageArchive[] = [];
  for (const { name, ...image } of sources) {
    const source = path.join(clusterSources, 'images', name);
    const key = contentKey([
      ...['go.mod', 'main.go'].map((file) => readFileSync(path.join(source, file), 'utf8')),
      JSON.stringify(image),
      go.version,
      go.platform,
    ]);
    const file = path.join(folder, `${name}-${key}.tar`);
    await exclusively(file, log, async () => {
      if (existsSync(file)) return;
      const began = Date.now();
      const unfinished = path.join(folder, `.${name}.${process.pid}`);
      try {
        await goBuild(`image ${image.reference}`, source, ['-trimpath', '-ldflags', '-s -w', '-o', unfinished, '.'], log);
        const archive = dockerArchive({ ...image, program: name, architecture: go.platform.split('/')[1]! }, readFileSync(unfinished));
        writeFileSync(`${unfinished}.tar`, archive);
        renameSync(`${unfinished}.tar`, file);
      } finally {
        rmSync(unfinished, { force: true });
      }
      log(`built image ${image.reference} in ${secondsSince(began)}`);
    });
    archives.push({ reference: image.reference, file, key });
  }
  return archives;
}

// Takes programs of this Debian machine into an image layer, each with the shared libraries that the loader says it needs.
import { lstatSync, readFileSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { tryCommand } from '../shell/runCommand.js';
import type { TarFile } from './tar.js';

/** Absolute paths of the libraries and the loader of a dynamic program or library; none of a static one. */
export async function sharedLibraries(file: string): Promise<string[]> {
  const { stdout } = await tryCommand('ldd', [file]);
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x[0-9a-f]+\)/g)].map(([, library]) => library!);
}

/** The files as they are called, and all that they need; a symbolic link among them stays one, with its target. */
export async function withLibraries(files: readonly string[]): Promise<TarFile[]> {
  const layer = new Map<string, TarFile>();
  const add = async (file: string): Promise<void> => {
    const name = file.slice(1);
    if (layer.has(name)) return;
    if (lstatSync(file).isSymbolicLink() && !isLibrary(file)) {
      const link = readlinkSync(file);
      layer.set(name, { name, content: Buffer.alloc(0), link });
      return add(path.resolve(path.dirname(file), link));
    }
    layer.set(name, { name, content: readFileSync(realpathSync(file)), mode: statSync(file).mode & 0o777 });
    for (const library of await sharedLibraries(file)) await add(library);
  };
  for (const file of files) await add(file);
  return [...layer.values()];
}

/** Libraries are found by the name that the loader looks for: that name gets the content. */
const isLibrary = (file: string): boolean => /\.so(\.|$)/.test(file) || path.basename(file).startsWith('ld-');

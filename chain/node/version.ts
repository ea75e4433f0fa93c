// The version of the program, from package.json.
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Upwards from this file, for it runs from the sources and from dist/. */
function packageFile(directory: string): string {
  const file = path.join(directory, 'package.json');
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return packageFile(path.dirname(directory));
  }
}

export const VERSION = (JSON.parse(packageFile(import.meta.dirname)) as { version: string }).version;

// Finds the checkout, whether the code runs from source under vitest or compiled from dist/.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const checkout: string = (() => {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json')) && folder !== path.dirname(folder)) folder = path.dirname(folder);
  return folder;
})();

/** Files that are not compiled (go.mod, Go sources) are read from the source folder. */
export const clusterSources: string = path.join(checkout, 'e2e/cluster');

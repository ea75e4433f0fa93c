// Makes `kubectl enc` work in the user's shell: links the plugin into a folder of the PATH where that is possible, and says what to do where it is not.
import { accessSync, constants, existsSync, lstatSync, mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Cluster } from '../cluster/provider.js';
import type { Layout } from './layout.js';

const NAME = 'kubectl-enc';
const SHARED_BIN = '/usr/local/bin';

function isLink(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function replaceLink(target: string, link: string): void {
  if (isLink(link)) rmSync(link);
  if (!existsSync(link)) symlinkSync(target, link);
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const onPath = (command: string) => (process.env.PATH ?? '').split(':').some((folder) => folder && existsSync(path.join(folder, command)));

/** Returns the line that tells the user where the plugin is. */
export function linkPlugin(layout: Layout, cluster: Cluster): string {
  mkdirSync(layout.binDir, { recursive: true });
  const plugin = layout.program('cli/kubectl-enc.js');
  replaceLink(plugin, path.join(layout.binDir, NAME));
  replaceLink(layout.program('cli/bpci.js'), path.join(layout.binDir, 'bpci'));
  const kubectl = cluster.binDir && path.join(cluster.binDir, 'kubectl');
  if (kubectl && existsSync(kubectl)) replaceLink(kubectl, path.join(layout.binDir, 'kubectl'));
  if (!writable(SHARED_BIN)) return `add it to your shell: export PATH=${layout.binDir}:$PATH`;
  replaceLink(plugin, path.join(SHARED_BIN, NAME));
  if (kubectl && existsSync(kubectl) && !onPath('kubectl')) replaceLink(kubectl, path.join(SHARED_BIN, 'kubectl'));
  return `${SHARED_BIN}/${NAME} → this checkout (make down removes it)`;
}

/** Removes only links that lead into this checkout or its state. */
export function unlinkPlugin(layout: Layout): void {
  for (const name of [NAME, 'kubectl']) {
    const link = path.join(SHARED_BIN, name);
    if (!isLink(link)) continue;
    const target = readlinkSync(link);
    if (target.startsWith(layout.checkout) || target.startsWith(layout.stateDir)) rmSync(link);
  }
}

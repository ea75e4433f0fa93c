// Folders that the kubelet, containerd and CNI make outside the state folder whatever they are told; those that were not there before are removed again.
import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import path from 'node:path';
import { writeWhenChanged } from '../shell/writeWhenChanged.js';

/** The kubelet's alone: removed with its content. */
const KUBELET = ['/var/lib/kubelet'];
/** Others' too: removed as far as they are empty. */
const SHARED = ['/run/containerd', '/var/lib/cni', '/var/log/containers'];

const record = (nodeDir: string) => path.join(nodeDir, 'absent-before.json');

export function rememberAbsentFolders(nodeDir: string): void {
  if (existsSync(record(nodeDir))) return;
  writeWhenChanged(record(nodeDir), JSON.stringify([...KUBELET, ...SHARED].filter((folder) => !existsSync(folder))));
}

function removeEmpty(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) removeEmpty(path.join(folder, entry.name));
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

export function removeForeignFolders(nodeDir: string): void {
  if (!existsSync(record(nodeDir))) return;
  const absent = JSON.parse(readFileSync(record(nodeDir), 'utf8')) as string[];
  for (const folder of absent.filter((one) => existsSync(one))) {
    if (KUBELET.includes(folder)) rmSync(folder, { recursive: true });
    else removeEmpty(folder);
  }
  rmSync(record(nodeDir));
}

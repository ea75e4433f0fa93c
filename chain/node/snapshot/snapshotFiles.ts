// Snapshots as files: a directory for each height with manifest.json and one file of JSON lines for each part; complete as soon as it has its name.
import { appendFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { utf8 } from '../../../crypto/encoding.js';
import { disk, replaceFile, syncDirectory } from '../storage/durableFile.js';
import type { SnapshotManifest, StateRecord } from './manifest.js';

const UNFINISHED = '.making';

export class SnapshotFiles {
  /** The one that was asked for last; it never changes. */
  #manifest: SnapshotManifest | undefined;

  constructor(readonly directory: string) {}

  /** Heights of the complete ones, ascending. */
  async heights(): Promise<number[]> {
    const names = await readdir(this.directory).catch(() => []);
    return names.filter((name) => /^\d{1,15}$/.test(name)).map(Number).sort((a, b) => a - b);
  }

  /** undefined when there is none. */
  async manifest(height: number): Promise<SnapshotManifest | undefined> {
    if (this.#manifest?.header.height === height) return this.#manifest;
    const text = await readText(path.join(this.directory, String(height), 'manifest.json'));
    return text === undefined ? undefined : (this.#manifest = JSON.parse(text) as SnapshotManifest);
  }
  async latest(): Promise<SnapshotManifest | undefined> {
    const height = (await this.heights()).at(-1);
    return height === undefined ? undefined : this.manifest(height);
  }

  /** The records of a part as JSON text of an array; undefined when there is no such snapshot. */
  async part(height: number, depth: number, index: number): Promise<string | undefined> {
    const manifest = await this.manifest(height);
    if (manifest?.depth !== depth || index >= manifest.parts.length) return undefined;
    return manifest.parts[index] === null ? '[]' : this.#read(String(height), index);
  }
  async #read(name: string, index: number): Promise<string | undefined> {
    const lines = await readText(path.join(this.directory, name, String(index)));
    return lines === undefined ? undefined : `[${lines.trimEnd().replaceAll('\n', ',')}]`;
  }

  /** An empty unfinished one; what was left of others is removed. */
  async begin(height: number): Promise<void> {
    for (const name of await readdir(this.directory).catch(() => [])) if (name.endsWith(UNFINISHED)) await rm(path.join(this.directory, name), { recursive: true, force: true });
    await mkdir(this.#unfinished(height), { recursive: true, mode: 0o700 });
  }
  append(height: number, index: number, lines: string): Promise<void> {
    return appendFile(path.join(this.#unfinished(height), String(index)), lines, { mode: 0o600 });
  }
  /** Gives it its name, and removes all but the newest `keep`. */
  async finish(manifest: SnapshotManifest, keep: number): Promise<void> {
    const { height } = manifest.header;
    await replaceFile(disk, path.join(this.#unfinished(height), 'manifest.json'), utf8(JSON.stringify(manifest)));
    await rename(this.#unfinished(height), path.join(this.directory, String(height)));
    await syncDirectory(disk, this.directory);
    for (const old of (await this.heights()).slice(0, -keep)) await rm(path.join(this.directory, String(old)), { recursive: true, force: true });
  }
  #unfinished(height: number): string {
    return path.join(this.directory, `${height}${UNFINISHED}`);
  }
}

/** One line for each record. */
export const linesOf = (records: readonly StateRecord[]): string => records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** undefined when the file is not there. */
export async function readText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

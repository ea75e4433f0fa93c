// A snapshot on its way in: the verified manifest and the verified parts so far, kept as files, so that a process that was killed goes on where it was.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { utf8 } from '../../../crypto/encoding.js';
import type { Genesis } from '../../types.js';
import { NodeError } from '../nodeError.js';
import { disk, makeDirectory, replaceFile } from '../storage/durableFile.js';
import { verifyManifest, verifyPart, type SnapshotManifest, type StateRecord } from './manifest.js';
import { readText } from './snapshotFiles.js';

export class IncomingSnapshot {
  private constructor(
    private readonly directory: string,
    readonly manifest: SnapshotManifest,
    readonly missing: Set<number>,
  ) {}

  /** Goes on with what is there; undefined when nothing usable is. */
  static async resume(directory: string, genesis: Genesis): Promise<IncomingSnapshot | undefined> {
    const text = await readText(path.join(directory, 'manifest.json'));
    if (text === undefined) return undefined;
    try {
      const manifest = verifyManifest(genesis, JSON.parse(text));
      const present = new Set(await readdir(directory));
      return new IncomingSnapshot(directory, manifest, new Set([...wanted(manifest)].filter((index) => !present.has(String(index)))));
    } catch (error) {
      if (!(error instanceof NodeError || error instanceof SyntaxError)) throw error;
      await discardIncoming(directory);
      return undefined;
    }
  }

  /** `manifest` was verified. Whatever another one left is removed. */
  static async begin(directory: string, manifest: SnapshotManifest): Promise<IncomingSnapshot> {
    await discardIncoming(directory);
    await makeDirectory(disk, directory);
    await replaceFile(disk, path.join(directory, 'manifest.json'), utf8(JSON.stringify(manifest)));
    return new IncomingSnapshot(directory, manifest, wanted(manifest));
  }

  get height(): number {
    return this.manifest.header.height;
  }

  /** Resolves when the part is durable. Throws NodeError 'BadSnapshot', keeping nothing of it. */
  async take(index: number, value: unknown): Promise<void> {
    const records = verifyPart(this.manifest, index, value);
    await replaceFile(disk, path.join(this.directory, String(index)), utf8(JSON.stringify(records)));
    this.missing.delete(index);
  }

  /** The parts, each verified once more: the disk is believed no more than a peer. Throws NodeError 'BadSnapshot', having dropped what is damaged. */
  async *parts(): AsyncIterable<StateRecord[]> {
    for (const index of wanted(this.manifest)) {
      const file = path.join(this.directory, String(index));
      try {
        yield verifyPart(this.manifest, index, JSON.parse((await readText(file)) ?? 'null'));
      } catch (cause) {
        await rm(file, { force: true });
        this.missing.add(index);
        throw cause instanceof NodeError ? cause : new NodeError('BadSnapshot', `part ${index} was damaged on this disk; it is fetched again`, { cause });
      }
    }
  }
}

export async function discardIncoming(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

function wanted({ parts }: SnapshotManifest): Set<number> {
  return new Set(parts.flatMap((part, index) => (part === null ? [] : [index])));
}

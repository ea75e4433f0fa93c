// A file that holds a key or a genesis is there whole or not at all, whichever call to the disk fails, and no half of it stays behind.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../../crypto/encoding.js';
import { faultyDisk } from '../testing/faultyDisk.js';
import { temporaryDirectory } from '../testing/temporaryDirectory.js';
import { createFile, disk, replaceFile, type Disk } from './durableFile.js';

/** Runs it with the first call failing, the second, and so on until none does; returns how many there are. */
async function everyFault(write: (on: Disk, file: string) => Promise<void>, before: string | undefined, check: (content: string | undefined, failed: boolean) => void): Promise<number> {
  for (let failAt = 1; ; failAt++) {
    const file = path.join(temporaryDirectory(), 'validator.key');
    if (before !== undefined) writeFileSync(file, before);
    const failed = await write(faultyDisk(failAt), file).then(
      () => false,
      () => true,
    );
    check(existsSync(file) ? readFileSync(file, 'utf8') : undefined, failed);
    if (!failed) return failAt - 1;
  }
}

describe('a file', () => {
  it('that is made is whole or absent', async () => {
    const calls = await everyFault((on, file) => createFile(on, file, utf8('whole')), undefined, (content, failed) => {
      expect(failed ? [undefined, 'whole'] : ['whole']).toContain(content);
    });
    // open, write, sync, link, remove, sync of the directory
    expect(calls).toBe(6);
  });

  it('that is replaced has the old content or the new', async () => {
    const calls = await everyFault((on, file) => replaceFile(on, file, utf8('new')), 'old', (content, failed) => {
      expect(failed ? ['old', 'new'] : ['new']).toContain(content);
    });
    // open, write, sync, rename, sync of the directory
    expect(calls).toBe(5);
  });

  it('is for its owner alone, is not overwritten by another that is made, and leaves nothing beside it', async () => {
    const directory = temporaryDirectory();
    const file = path.join(directory, 'validator.key');
    await createFile(disk, file, utf8('first'));
    await expect(createFile(disk, file, utf8('second'))).rejects.toMatchObject({ code: 'EEXIST' });
    expect([readFileSync(file, 'utf8'), statSync(file).mode & 0o777, readdirSync(directory)]).toEqual(['first', 0o600, ['validator.key']]);
  });

  it('leaves nothing beside it when its disk is full', async () => {
    const directory = temporaryDirectory();
    const full: Disk = { ...disk, open: async (name, flags, mode) => {
      const handle = await disk.open(name, flags, mode);
      return Object.assign(Object.create(handle) as typeof handle, { write: () => Promise.reject(new Error('no space left on device')), close: () => handle.close() });
    } };
    await expect(createFile(full, path.join(directory, 'validator.key'), utf8('key'))).rejects.toThrow('no space');
    expect(readdirSync(directory)).toEqual([]);
  });
});

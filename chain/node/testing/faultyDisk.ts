// A disk for tests that fails at the n-th call, as a full or broken one does, after having done part of it.
import { disk, type Disk, type DiskFile } from '../storage/durableFile.js';

export interface FaultyDisk extends Disk {
  /** Calls so far that change the disk. */
  calls: number;
}

/** `failAt` = number of the mutating call that fails, from 1; every later one fails too. A failing write leaves half of its bytes. */
export function faultyDisk(failAt: number): FaultyDisk {
  const self: FaultyDisk = {
    calls: 0,
    readFile: disk.readFile,
    open: async (file, flags, mode) => {
      if (flags !== 'r') hit();
      return wrap(await disk.open(file, flags, mode));
    },
    rename: async (from, to) => (hit(), disk.rename(from, to)),
    link: async (from, to) => (hit(), disk.link(from, to)),
    remove: async (file) => (hit(), disk.remove(file)),
  };
  const hit = () => {
    self.calls += 1;
    if (self.calls >= failAt) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
  };
  const wrap = (file: DiskFile): DiskFile => ({
    async write(bytes, offset, length, position) {
      try {
        hit();
      } catch (error) {
        await file.write(bytes, offset, Math.floor(length / 2), position);
        throw error;
      }
      return file.write(bytes, offset, length, position);
    },
    sync: async () => (hit(), file.sync()),
    truncate: async (length) => (hit(), file.truncate(length)),
    close: () => file.close(),
  });
  return self;
}

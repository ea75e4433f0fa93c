// Every durable change of a file goes through here: written, synced, renamed, and its directory synced.
import { constants } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/** What a log or a file needs of an open file; FileHandle of node:fs/promises has it. */
export interface DiskFile {
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** Flags of `open`: each write to the existing file resolves when it is durable, without a call to sync it. */
export const DURABLE_WRITES = constants.O_RDWR | constants.O_DSYNC;

/** The operating system's calls that durability rests on; replaced by a faulty one in tests. */
export interface Disk {
  open(file: string, flags: string | number, mode?: number): Promise<DiskFile>;
  readFile(file: string): Promise<Uint8Array>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
}

export const disk: Disk = { open, readFile: (file) => readFile(file), rename, link, remove: (file) => rm(file, { force: true }) };

let temporaries = 0;

/** Writes all of it, however the system cuts it. */
export async function writeFully(file: DiskFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

export async function syncDirectory(on: Disk, directory: string): Promise<void> {
  const handle = await on.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeTemporary(on: Disk, file: string, bytes: Uint8Array, mode: number): Promise<string> {
  const temporary = `${file}.${process.pid}.${temporaries++}.tmp`;
  const handle = await on.open(temporary, 'wx', mode);
  try {
    await writeFully(handle, bytes, 0);
    await handle.sync();
  } catch (error) {
    // What it may hold is a key: none is left behind. That removing fails as well changes nothing about the cause.
    await on.remove(temporary).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

/** After it resolves the file has the new content, after a crash the old or the new, never a mixture. */
export async function replaceFile(on: Disk, file: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const temporary = await writeTemporary(on, file, bytes, mode);
  try {
    await on.rename(temporary, file);
  } catch (error) {
    await on.remove(temporary).catch(() => undefined);
    throw error;
  }
  await syncDirectory(on, path.dirname(file));
}

/** The same for a file that must not exist: rejects with code EEXIST when it does. */
export async function createFile(on: Disk, file: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const temporary = await writeTemporary(on, file, bytes, mode);
  try {
    await on.link(temporary, file);
  } finally {
    await on.remove(temporary);
  }
  await syncDirectory(on, path.dirname(file));
}

/** Makes the directory and its missing parents, mode 0700, durably. */
export async function makeDirectory(on: Disk, directory: string): Promise<void> {
  const first = await mkdir(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = directory; at !== path.dirname(first); at = path.dirname(at)) await syncDirectory(on, path.dirname(at));
}

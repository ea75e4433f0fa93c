// Tells whether an LMDB file can be opened at all: LMDB maps it unchecked, so damage would end this process by a signal instead of an error.
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { NodeError } from '../nodeError.js';

const DATA_FILE = 'data.mdb';
const MARK_FILE = 'opening';
const PAGE_HEADER_BYTES = 24;
const META_BYTES = 136;
const MAGIC = 0xbeefc0de;
const PROBE_TIMEOUT_MS = 120_000;

/** Reads everything in a process of its own, which may die of it. */
const PROBE = `
const { open } = await import(process.argv[1]);
const root = open({ path: process.argv[2], maxDbs: 16, readOnly: true });
for (const name of [...root.getKeys()]) {
  for (const { value } of root.openDB({ name, encoding: 'binary' }).getRange({})) if (value.length < 0) process.exit(1);
}
await root.close();
`;

interface Meta {
  transaction: bigint;
  pageSize: bigint;
  /** What the file should measure, in bytes; it may lawfully be a little shorter when its last pages are free. */
  expected: bigint;
}

function metaAt(page: Buffer, offset: number): Meta | undefined {
  const meta = page.subarray(offset + PAGE_HEADER_BYTES, offset + PAGE_HEADER_BYTES + META_BYTES);
  if (meta.length < META_BYTES || meta.readUInt32LE(0) !== MAGIC) return undefined;
  const pageSize = BigInt(meta.readUInt32LE(24));
  return { transaction: meta.readBigUInt64LE(128), pageSize, expected: (meta.readBigUInt64LE(120) + 1n) * pageSize };
}

function readMeta(file: string): Meta | undefined {
  const head = Buffer.alloc(64 * 1024);
  const handle = openSync(file, 'r');
  const length = readSync(handle, head, 0, head.length, 0);
  closeSync(handle);
  const pages = head.subarray(0, length);
  const first = metaAt(pages, 0);
  const pageSize = length >= 52 ? pages.readUInt32LE(PAGE_HEADER_BYTES + 24) : 0;
  const second = first && pageSize > 0 ? metaAt(pages, pageSize) : undefined;
  if (!first || !second) return undefined;
  return first.transaction > second.transaction ? first : second;
}

function probe(directory: string): string | undefined {
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', PROBE, '--', import.meta.resolve('lmdb'), directory], { timeout: PROBE_TIMEOUT_MS });
  if (run.status === 0) return undefined;
  return run.signal ? `reading it ends a process by ${run.signal}` : `reading it fails: ${String(run.stderr).trim().split('\n').at(-1) ?? ''}`;
}

/** Throws NodeError 'CorruptStore' when the file cannot be read; a thorough look is taken only if something is suspicious. */
export function refuseDamagedStore(directory: string): void {
  const file = path.join(directory, DATA_FILE);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) return;
  const meta = readMeta(file);
  if (!meta) throw corruptStore(directory, `${DATA_FILE} has no LMDB header`);
  const isShort = BigInt(size) < meta.expected;
  // LMDB writes whole pages. What is left of one reads as zeros, which look like an empty table to the probe and end a process that writes.
  if (isShort && BigInt(size) % meta.pageSize !== 0n) throw corruptStore(directory, `${DATA_FILE} has ${size} bytes, which are no whole pages, and should have ${meta.expected}`);
  const suspicious = isShort || existsSync(path.join(directory, MARK_FILE));
  const fault = suspicious ? probe(directory) : undefined;
  if (fault !== undefined) throw corruptStore(directory, fault);
}

/** A start that dies between the two calls makes the next one look closely. */
export function markOpening(directory: string): void {
  writeFileSync(path.join(directory, MARK_FILE), '');
}
export function markOpened(directory: string): void {
  rmSync(path.join(directory, MARK_FILE), { force: true });
}

export function corruptStore(directory: string, why: string, cause?: unknown): NodeError {
  const cure = 'move it away and start again: the blocks come back from the other validators';
  return new NodeError('CorruptStore', `the block store in ${directory} is damaged (${why}); ${cure}`, { cause });
}

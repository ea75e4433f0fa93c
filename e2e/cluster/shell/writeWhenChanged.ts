// Writes a file unless it already has that content: kube-proxy and others end or reload at every write.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Readers see the old content or the new, never a part. Returns the file's path. */
export function writeWhenChanged(file: string, content: string, mode = 0o644): string {
  if (existsSync(file) && readFileSync(file, 'utf8') === content) return file;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, content, { mode });
  renameSync(`${file}.new`, file);
  return file;
}

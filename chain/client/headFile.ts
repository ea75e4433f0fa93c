// The last head a client believed, kept in a file: a restarted client takes up the chain there and cannot be led back before it.
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';
import { ShapeError } from '../../receipts/shape.js';
import { certifiedHeaders, type CertifiedHeader } from './answers.js';
import { ChainError } from './chainError.js';

/** Undefined when there is none yet. Throws ChainError 'BadConfiguration'. */
export function loadHead(file: string): CertifiedHeader | undefined {
  try {
    return certifiedHeaders([JSON.parse(readFileSync(file, 'utf8'))], 'head')[0];
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    const why = cause instanceof ShapeError || cause instanceof SyntaxError ? 'is malformed' : 'cannot be read';
    throw new ChainError(
      'BadConfiguration',
      `head file ${file} ${why}: ${(cause as Error).message}; remove it to start at the validators' latest block`,
      {},
      { cause },
    );
  }
}

/** The old one or the new one is there, whatever happens. */
export function saveHead(file: string, head: CertifiedHeader): void {
  mkdirSync(path.dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, 'w', 0o644);
  try {
    writeSync(descriptor, JSON.stringify(head));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

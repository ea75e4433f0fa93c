// Key files: JSON {publicKey, privateKey} that only their owner may read; Ed25519 for accounts, BLS for nodes.
import { closeSync, fchmodSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { bls } from '../../crypto/bls.js';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import { hex, object, ShapeError, type Shape } from '../../receipts/shape.js';
import { ChainError } from './chainError.js';

/** Hex; `privateKey` is the Ed25519 seed. */
export interface AccountKey {
  publicKey: string;
  privateKey: string;
}
/** Hex; a BLS key pair. */
export interface NodeKey {
  publicKey: string;
  privateKey: string;
}

const OWNER_ONLY = 0o600;
const accountShape: Shape<AccountKey> = object({ publicKey: hex(32), privateKey: hex(32) });
const nodeShape: Shape<NodeKey> = object({ publicKey: hex(48), privateKey: hex(32) });

export function createNodeKey(): NodeKey {
  const privateKey = bls.keyFromSeed(randomBytes(32));
  return { publicKey: bls.publicKey(privateKey), privateKey };
}

/** An account's key. Throws ChainError 'BadKeyFile' naming the file, what is wrong and the cure. */
export function loadKeyFile(file: string): AccountKey {
  const key = load(file, accountShape);
  mustBelong(file, key.publicKey, ed25519FromSeed(key.privateKey).publicKey);
  return key;
}

/** A node's key. Throws ChainError 'BadKeyFile'. */
export function loadNodeKeyFile(file: string): NodeKey {
  const key = load(file, nodeShape);
  mustBelong(file, key.publicKey, bls.publicKey(key.privateKey));
  return key;
}

/** Durable when it returns; an existing file is never overwritten. Throws ChainError 'BadKeyFile'. */
export function writeKeyFile(file: string, key: AccountKey | NodeKey): void {
  try {
    const descriptor = openSync(file, 'wx', OWNER_ONLY);
    try {
      fchmodSync(descriptor, OWNER_ONLY);
      writeSync(descriptor, `${JSON.stringify(key, null, 2)}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw bad(file, `cannot be written: ${reason(cause)}; choose another path, or move the file that is there`, cause);
  }
}

function load<T>(file: string, shape: Shape<T>): T {
  let text: string;
  try {
    const mode = statSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) throw bad(file, `has mode 0${mode.toString(8)}, others may read it; run: chmod 600 ${file}`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof ChainError) throw cause;
    throw bad(file, `cannot be read: ${reason(cause)}; name the file that was made with the key`, cause);
  }
  try {
    return shape(JSON.parse(text), 'key');
  } catch (cause) {
    const why = cause instanceof ShapeError ? cause.message : 'it is no JSON';
    throw bad(file, `is malformed: ${why}; restore it from a backup`, cause);
  }
}

function mustBelong(file: string, stated: string, derived: string): void {
  if (stated !== derived) throw bad(file, 'has a publicKey that does not belong to its privateKey; restore it from a backup');
}

const reason = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause);

function bad(file: string, fault: string, cause?: unknown): ChainError {
  return new ChainError('BadKeyFile', `key file ${file} ${fault}`, {}, { cause });
}

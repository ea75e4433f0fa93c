// The BLS key of each node: read from its file, made when there is none.
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { createNodeKey, loadNodeKeyFile, writeKeyFile, type NodeKey } from '../../chain/client/keyFile.js';

/** Throws ChainError 'BadKeyFile'. */
export function nodeKeys(folder: string, names: readonly string[]): Map<string, NodeKey> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return new Map(
    names.map((name) => {
      const file = path.join(folder, `${name}.key`);
      if (!existsSync(file)) writeKeyFile(file, createNodeKey());
      return [name, loadNodeKeyFile(file)];
    }),
  );
}

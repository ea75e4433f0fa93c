// Turns a complete snapshot into a block store beside the present one, and puts it in its place at the next start: at every moment one of the two is whole.
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { genesisHash } from '../../ledger/genesis.js';
import type { Genesis } from '../../types.js';
import { BlockStore } from '../storage/blockStore.js';
import { disk, makeDirectory, syncDirectory } from '../storage/durableFile.js';
import { discardIncoming, type IncomingSnapshot } from './incomingSnapshot.js';

/** No dots: LMDB takes a path with one for a file. */
const beside = (blocks: string) => ({ making: `${blocks}-making`, next: `${blocks}-next`, old: `${blocks}-old` });

/** `votes`: what this validator has cast at least. Throws NodeError 'BadSnapshot' when the files were damaged meanwhile, 'StorageFailed'. */
export async function installSnapshot(blocks: string, genesis: Genesis, incoming: IncomingSnapshot, votes: number): Promise<void> {
  const { making, next } = beside(blocks);
  await rm(making, { recursive: true, force: true });
  await makeDirectory(disk, making);
  await BlockStore.fromSnapshot(making, { chainId: genesis.chainId, genesisHash: genesisHash(genesis) }, { manifest: incoming.manifest, parts: incoming.parts(), votes });
  await rm(next, { recursive: true, force: true });
  await rename(making, next);
  await syncDirectory(disk, path.dirname(blocks));
}

/** Before the store is opened. A kill between any two steps leaves what the next start finishes. */
export async function adoptInstalled(blocks: string, incoming: string): Promise<boolean> {
  const { making, next, old } = beside(blocks);
  await rm(making, { recursive: true, force: true });
  const isNew = existsSync(next);
  if (isNew) {
    if (existsSync(blocks)) {
      await rm(old, { recursive: true, force: true });
      await rename(blocks, old);
    }
    await rename(next, blocks);
    await syncDirectory(disk, path.dirname(blocks));
    await discardIncoming(incoming);
  }
  await rm(old, { recursive: true, force: true });
  return isNew;
}

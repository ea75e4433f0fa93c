// Blocks of the simulation: they know their parent, can be bad, and can shrink or restore the validator set two heights later.
import { fakeHash } from './fakeHash.js';

export interface SimBlock {
  height: number;
  parent: string;
  /** Node that made it, and a number that makes it unique. */
  maker: number;
  nonce: number;
  /** A valid block is good; the faulty make others. */
  good: boolean;
  /** Size of the validator set from height + 2 on; 0 = as before. */
  resize: number;
}

export const GENESIS = '00'.repeat(32);

export function blockDigest({ height, parent, maker, nonce, good, resize }: SimBlock): string {
  return fakeHash(`${height}/${parent}/${maker}/${nonce}/${good}/${resize}`, 32);
}

export function isBlock(digest: string, block: SimBlock | null): boolean {
  return block !== null && typeof block === 'object' && blockDigest(block) === digest;
}

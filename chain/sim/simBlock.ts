// Blocks of the simulation: they know their parent, can be bad, and can let validators leave and join two heights later.
import { fakeHash } from './fakeHash.js';

export interface SimBlock {
  height: number;
  parent: string;
  /** Node that made it, and a number that makes it unique. */
  maker: number;
  nonce: number;
  /** A valid block is good; the faulty make others. */
  good: boolean;
  /** Nodes that are validators from height + 2 on, ascending; empty = as before. */
  members: readonly number[];
}

export const GENESIS = '00'.repeat(32);

export function blockDigest({ height, parent, maker, nonce, good, members }: SimBlock): string {
  return fakeHash(`${height}/${parent}/${maker}/${nonce}/${good}/${members}`, 32);
}

export function isBlock(digest: string, block: SimBlock | null): boolean {
  return block !== null && typeof block === 'object' && blockDigest(block) === digest;
}

export function allMembers(nodes: number): number[] {
  return Array.from({ length: nodes }, (_, node) => node);
}

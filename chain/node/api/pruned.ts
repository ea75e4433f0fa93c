// What is answered for blocks and receipts that this node has dropped, or never had because its chain began with a snapshot.
import type { BlockStore } from '../storage/blockStore.js';
import { ApiError } from './apiError.js';

type Kept = Pick<BlockStore, 'bodiesFrom' | 'headersFrom' | 'receiptsFrom'>;

/** `what` ends in its verb. */
export function pruned({ bodiesFrom }: Pick<Kept, 'bodiesFrom'>, what: string, field?: string): ApiError {
  return new ApiError('Pruned', `${what} no longer on this node, which keeps blocks and receipts from block ${bodiesFrom} on; ask an archive node, one that runs without --retain-blocks and has fetched every block`, field);
}

/** Throws ApiError 'Pruned'. */
export function mustBeKept(store: Kept, height: number): void {
  if (height > 0 && height < store.bodiesFrom) throw pruned(store, `block ${height} is`, 'height');
}

/** Throws ApiError 'Pruned'. */
export function mustHaveHeader(store: Kept, height: number): void {
  if (height < store.headersFrom) throw pruned(store, `what was before block ${store.headersFrom} is`, 'from');
}

/** `leaf`: place in the log. Throws ApiError 'Pruned'. */
export function mustHaveReceipt(store: Kept, leaf: number): void {
  if (leaf < store.receiptsFrom) throw pruned(store, `receipt ${leaf} of the log is`);
}

/** For an id that nothing is known of. */
export function keptFrom({ headersFrom }: Pick<Kept, 'headersFrom'>): string {
  return headersFrom === 0 ? '' : `; this node knows those from block ${headersFrom + 1} on, ask an archive node for earlier ones`;
}

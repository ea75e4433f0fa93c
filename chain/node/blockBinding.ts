// Whether a block that a link brought is the one with a digest: its shape, its transactions under the header's root, the header's hash.
import { blockHeaderShape } from '../../receipts/chainShapes.js';
import { headerHash } from '../../receipts/headerHash.js';
import { array, faultOf, object, text } from '../../receipts/shape.js';
import { leafHashOfText, merkleRoot } from '../../receipts/merkle/treeHash.js';
import { toHex } from '../../crypto/encoding.js';
import { MAX_TRANSACTION_BYTES } from '../ledger/transaction.js';
import type { Block, Genesis } from '../types.js';

const NOT_A_BLOCK = '';

/** Each block is hashed once, however often it is asked about; blocks must not be changed. `leafOf`: leaf hash of a raw transaction, where it may be known already. */
export function blockBinding(
  { maxBlockTransactions }: Genesis['consensus'],
  leafOf: (raw: string) => Uint8Array = leafHashOfText,
): (digest: string, block: unknown) => boolean {
  const shape = object({ header: blockHeaderShape, transactions: array(text(2, MAX_TRANSACTION_BYTES), 0, maxBlockTransactions) });
  const digests = new WeakMap<object, string>();

  const digestOf = (block: object): string => {
    if (faultOf(shape, block) !== undefined) return NOT_A_BLOCK;
    const { header, transactions } = block as Block;
    return toHex(merkleRoot(transactions.map(leafOf))) === header.transactionsRoot ? headerHash(header) : NOT_A_BLOCK;
  };

  return (digest, block) => {
    if (typeof block !== 'object' || block === null) return false;
    const known = digests.get(block) ?? digestOf(block);
    digests.set(block, known);
    return known === digest && known !== NOT_A_BLOCK;
  };
}

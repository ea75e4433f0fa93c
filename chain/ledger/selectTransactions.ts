// What a proposer puts into its block: in the order given, only what every validator will accept, as much as fits.
import type { Genesis } from '../types.js';
import { LedgerError } from './ledgerError.js';
import type { IsKnown } from './seen/seenTransactions.js';
import type { StateReader } from './state.js';
import type { TransactionReader } from './transactionReader.js';
import { invalidity } from './validity.js';

export interface SelectionContext {
  genesis: Genesis;
  /** Of the block to propose. */
  height: number;
  isKnown: IsKnown;
  transactionReader: TransactionReader;
}
export interface Selection {
  transactions: string[];
  /** Never to be valid again on this chain, or not any more: for the mempool to forget. */
  dropped: { raw: string; error: LedgerError }[];
}

/** Stops at the first that does not fit, so that large ones are not passed over for ever. */
export function selectTransactions(reader: StateReader, candidates: Iterable<string>, context: SelectionContext): Selection {
  const { genesis, height, isKnown, transactionReader } = context;
  const { maxBlockTransactions, maxBlockBytes } = genesis.consensus;
  const chosen = new Set<string>();
  const selection: Selection = { transactions: [], dropped: [] };
  const validity = { reader, chainId: genesis.chainId, height, isKnown: (id: string) => chosen.has(id) || isKnown(id) };
  let bytes = 0;
  for (const raw of candidates) {
    if (selection.transactions.length >= maxBlockTransactions) break;
    const read = transactionReader.read(raw);
    const error = read instanceof LedgerError ? read : invalidity(read, validity);
    if (error || read instanceof LedgerError) {
      selection.dropped.push({ raw, error: error! });
      continue;
    }
    bytes += Buffer.byteLength(raw);
    if (bytes > maxBlockBytes) break;
    chosen.add(read.id);
    selection.transactions.push(raw);
  }
  return selection;
}

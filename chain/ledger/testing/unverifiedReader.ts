// Reads transactions without checking their signatures: for measurements of the ledger alone, and for simulated years of blocks.
import { leafHashOfText } from '../../../receipts/merkle/treeHash.js';
import { LedgerError } from '../ledgerError.js';
import { parseTransaction, transactionId } from '../transaction.js';
import { TransactionReader, type ReadTransaction } from '../transactionReader.js';

export class UnverifiedReader extends TransactionReader {
  #known = new Map<string, ReadTransaction>();

  override read(raw: string): ReadTransaction | LedgerError {
    const known = this.#known.get(raw);
    if (known) return known;
    const transaction = parseTransaction(raw);
    if (transaction instanceof LedgerError) return transaction;
    const read = { raw, id: transactionId(transaction.body), transaction, leaf: leafHashOfText(raw) };
    this.#known.set(raw, read);
    return read;
  }

  forget(): void {
    this.#known = new Map();
  }
}

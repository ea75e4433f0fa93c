// Parses and verifies raw transactions once: between mempool, proposal and block each is seen several times.
import { LRUCache } from 'lru-cache';
import { verifyEd25519Async } from '../../crypto/ed25519.js';
import { fromHex } from '../../crypto/encoding.js';
import type { SignedTransaction } from '../types.js';
import { LedgerError } from './ledgerError.js';
import { parseTransaction, transactionId, transactionMessage, verifySignature } from './transaction.js';

export interface ReadTransaction {
  raw: string;
  id: string;
  transaction: SignedTransaction;
}
const DEFAULT_CACHE_CHARACTERS = 32 * 1024 * 1024;
const ENTRY_OVERHEAD = 512;

/** A memory of pure results: dropping it changes no answer. Read transactions are shared, so they must not be changed. */
export class TransactionReader {
  readonly #known: LRUCache<string, ReadTransaction | LedgerError>;

  /** `maxCharacters` = how many characters of raw transactions are kept with their results. */
  constructor(maxCharacters = DEFAULT_CACHE_CHARACTERS) {
    this.#known = new LRUCache({ maxSize: maxCharacters, sizeCalculation: (_result, raw) => raw.length + ENTRY_OVERHEAD });
  }

  /** The transaction if its shape and signature are good. */
  read(raw: string): ReadTransaction | LedgerError {
    return this.#known.get(raw) ?? this.#remember(raw, (read) => verifySignature(read.transaction, read.id));
  }

  /** The same with the signature checked on the thread pool; `read` then answers from memory. */
  async readAsync(raw: string): Promise<ReadTransaction | LedgerError> {
    const known = this.#known.get(raw);
    if (known) return known;
    const parsed = parse(raw);
    if (parsed instanceof LedgerError) return parsed;
    const { body, signature } = parsed.transaction;
    const good = await verifyEd25519Async(body.sender, transactionMessage(parsed.id), fromHex(signature, 64));
    return this.#remember(raw, () => good, parsed);
  }

  #remember(
    raw: string,
    verified: (read: ReadTransaction) => boolean,
    parsed: ReadTransaction | LedgerError = parse(raw),
  ): ReadTransaction | LedgerError {
    if (parsed instanceof LedgerError) return parsed;
    const result = verified(parsed) ? parsed : badSignature(parsed);
    this.#known.set(raw, result);
    return result;
  }
}

function parse(raw: string): ReadTransaction | LedgerError {
  const transaction = parseTransaction(raw);
  return transaction instanceof LedgerError ? transaction : { raw, id: transactionId(transaction.body), transaction };
}

function badSignature({ id, transaction: { body } }: ReadTransaction): LedgerError {
  return new LedgerError('BadSignature', `the signature over transaction ${id} is not by its sender ${body.sender}`, 'signature');
}

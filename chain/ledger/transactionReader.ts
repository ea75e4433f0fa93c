// Parses and verifies raw transactions once: between mempool, proposal and block each is seen several times.
import { LRUCache } from 'lru-cache';
import { verifyEd25519, verifyEd25519Async } from '../../crypto/ed25519.js';
import { fromHex, toHex } from '../../crypto/encoding.js';
import type { SignedTransaction } from '../types.js';
import { LedgerError } from './ledgerError.js';
import { leafHashOfText } from '../../receipts/merkle/treeHash.js';
import { idOfParsed, parseTransaction, signedMessage, transactionMessage } from './transaction.js';

export interface ReadTransaction {
  raw: string;
  id: string;
  transaction: SignedTransaction;
  /** RFC 9162 leaf hash of `raw`: its leaf under a header's transactionsRoot. */
  leaf: Uint8Array;
}
const DEFAULT_CACHE_CHARACTERS = 32 * 1024 * 1024;
const ENTRY_OVERHEAD = 512;
/** Signatures over batches; each stands for many transactions. */
const KEPT_BATCHES = 4_096;

/** A memory of pure results: dropping it changes no answer. Read transactions are shared, so they must not be changed. */
export class TransactionReader {
  readonly #known: LRUCache<string, ReadTransaction | LedgerError>;
  /** By signer, signature and signed message. */
  readonly #batches = new LRUCache<string, boolean>({ max: KEPT_BATCHES });

  /** `maxCharacters` = how many characters of raw transactions are kept with their results. */
  constructor(maxCharacters = DEFAULT_CACHE_CHARACTERS) {
    this.#known = new LRUCache({ maxSize: maxCharacters, sizeCalculation: (_result, raw) => raw.length + ENTRY_OVERHEAD });
  }

  /** The transaction if its shape and signature are good. */
  read(raw: string): ReadTransaction | LedgerError {
    return this.#known.get(raw) ?? this.#remember(raw, (read) => this.#verify(read));
  }

  /** The same with the signature checked on the thread pool; `read` then answers from memory. */
  async readAsync(raw: string): Promise<ReadTransaction | LedgerError> {
    const known = this.#known.get(raw);
    if (known) return known;
    const parsed = parse(raw);
    if (parsed instanceof LedgerError) return parsed;
    const good = await this.#verifyAsync(parsed);
    return this.#remember(raw, () => good, parsed);
  }

  /** RFC 9162 leaf hash, from memory where it was read. */
  leafOf(raw: string): Uint8Array {
    const known = this.#known.get(raw);
    return known === undefined || known instanceof LedgerError ? leafHashOfText(raw) : known.leaf;
  }

  /** One signature over a batch is checked once for all that are in it. */
  #verify({ id, transaction }: ReadTransaction): boolean {
    const message = signedMessage(transaction, id);
    if (message === undefined) return false;
    const { body, signature, batch } = transaction;
    const check = () => verifyEd25519(body.sender, message, fromHex(signature, 64));
    if (batch === undefined) return check();
    const key = `${body.sender}${signature}${toHex(message)}`;
    const known = this.#batches.get(key) ?? check();
    this.#batches.set(key, known);
    return known;
  }

  /** A batch's signature is not worth the way to another thread: it is one of many. */
  async #verifyAsync(read: ReadTransaction): Promise<boolean> {
    const { body, signature, batch } = read.transaction;
    return batch === undefined ? verifyEd25519Async(body.sender, transactionMessage(read.id), fromHex(signature, 64)) : this.#verify(read);
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
  return transaction instanceof LedgerError ? transaction : { raw, id: idOfParsed(raw, transaction), transaction, leaf: leafHashOfText(raw) };
}

function badSignature({ id, transaction: { body } }: ReadTransaction): LedgerError {
  return new LedgerError('BadSignature', `the signature over transaction ${id} is not by its sender ${body.sender}`, 'signature');
}

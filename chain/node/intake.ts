// How transactions come in: checked, kept durable, acknowledged with a signature, and told to the validators that propose next.
import { signEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, toHex, utf8 } from '../../crypto/encoding.js';
import { sha256Hex } from '../../crypto/hash.js';
import { acknowledgementsMessage, makeBatch } from '../batchSignature.js';
import { isPatient, isUnhurried, podLetIn, podPlaced } from '../patience.js';
import { checkRead } from '../ledger/checkTransaction.js';
import { LedgerError } from '../ledger/ledgerError.js';
import { idOfParsed, parseTransaction } from '../ledger/transaction.js';
import type { ReadTransaction } from '../ledger/transactionReader.js';
import type { Acknowledgement } from '../types.js';
import type { Refusal } from './api/context.js';
import type { ChainState } from './chainState.js';
import type { Mempool, Waiting } from './mempool.js';
import type { Pace } from './pace.js';
import type { MempoolLog } from './storage/mempoolLog.js';

const ACK_TAG = concatBytes(utf8('enc-ack-v1'), Uint8Array.of(0));

/** utf8('enc-ack-v1') ‖ 0x00 ‖ utf8(chainId) ‖ 0x00 ‖ id */
export function acknowledgementMessage(chainId: string, id: string): Uint8Array {
  return concatBytes(ACK_TAG, utf8(chainId), Uint8Array.of(0), fromHex(id, 32));
}

export class Intake {
  constructor(
    private readonly chain: ChainState,
    private readonly pool: Mempool,
    private readonly log: MempoolLog,
    /** `index` in the set of the next height; null when this node is no member. */
    private readonly signer: { index: () => number | null; privateKey: string },
    /** `refused`: a client's transaction was. */
    private readonly pace: Pick<Pace, 'added' | 'accepted'> & { refused?(raw: string, code: string): void },
  ) {}

  /** From a client: resolves when all that were taken are in the log. Rejects with NodeError 'StorageFailed'. */
  async submit(transactions: string[]): Promise<{ acknowledgements: Acknowledgement[]; refusals: Refusal[] }> {
    // One signature is checked sooner than another thread is woken up for it.
    const alone = transactions.length === 1;
    const answers = await Promise.all(transactions.map((raw) => this.#submitOne(raw, alone)));
    const index = this.signer.index();
    const taken = answers.filter((answer) => typeof answer === 'string');
    const refusals = answers.filter((answer) => typeof answer !== 'string');
    if (index === null) return { acknowledgements: [], refusals: [...refusals, ...taken.map(notAValidator)] };
    const acknowledged = new Map(this.#acknowledge(index, [...new Set(taken)]).map((one) => [one.transactionId, one]));
    return { acknowledgements: taken.map((id) => acknowledged.get(id)!), refusals };
  }

  /** From another validator, which vouches for nothing: what is wrong or does not fit is dropped. */
  async gossiped(transactions: string[]): Promise<void> {
    for (const raw of transactions) {
      const read = await this.chain.reader.readAsync(raw);
      if (read instanceof LedgerError || this.chain.isKnown(read.id) || this.pool.get(read.id) || this.#check(read) instanceof LedgerError) continue;
      this.pool.add(this.#entry(read, false, Promise.resolve()));
    }
    this.pace.added();
  }

  /** What an earlier run had acknowledged. Resolves with how many are waiting again. */
  async restore(transactions: string[]): Promise<number> {
    for (const raw of transactions) {
      const read = await this.chain.reader.readAsync(raw);
      if (read instanceof LedgerError || this.chain.isKnown(read.id) || read.transaction.body.validUntil <= this.chain.height) continue;
      this.pool.add(this.#entry(read, true, Promise.resolve()));
    }
    return this.pool.size;
  }

  /** The id once it is durable, or why it is not taken. */
  async #submitOne(raw: string, alone: boolean): Promise<string | Refusal> {
    if (this.signer.index() === null) return notAValidator(idOf(raw));
    const read = alone ? this.chain.reader.read(raw) : await this.chain.reader.readAsync(raw);
    if (read instanceof LedgerError) return refusal(idOf(raw), read);
    if (this.chain.isKnown(read.id)) return read.id;
    const waiting = this.pool.get(read.id) ?? this.#take(read);
    if (!('durable' in waiting)) return waiting;
    if (!waiting.own) {
      waiting.own = true;
      waiting.durable = this.log.append(raw);
    }
    await waiting.durable;
    return read.id;
  }

  #take(read: ReadTransaction): Waiting | Refusal {
    const fault = this.#check(read);
    if (fault instanceof LedgerError) {
      this.pace.refused?.(read.raw, fault.code);
      return refusal(read.id, fault);
    }
    const { sender } = read.transaction.body;
    const full = this.pool.room(read.id, sender, read.raw.length);
    if (full) {
      const message = full === 'Full' ? 'the mempool is full; try again when blocks have made room' : `account ${sender} has too many transactions waiting; try again in a moment`;
      return { transactionId: read.id, code: `Mempool${full}`, message };
    }
    const entry = this.#entry(read, true, this.log.append(read.raw));
    entry.durable.catch(() => undefined);
    this.pool.add(entry);
    this.pace.accepted(entry);
    this.pace.added();
    return entry;
  }

  #check(read: ReadTransaction): ReadTransaction | LedgerError {
    const { genesis, state, height, isKnown } = this.chain;
    return checkRead(state, read, { genesis, height: height + 1, time: Date.now(), isKnown });
  }

  #entry({ id, raw, leaf, transaction: { body } }: ReadTransaction, own: boolean, durable: Promise<void>): Waiting {
    const { type, payload, sender, validUntil } = body;
    const unhurried = isUnhurried(type);
    const [letsIn, places] = [podLetIn(type, payload), podPlaced(type, payload)];
    return { id, raw, leaf: toHex(leaf), sender, validUntil, patient: unhurried || isPatient(type, payload), unhurried, letsIn, places, since: Date.now(), bytes: Buffer.byteLength(raw), own, durable };
  }

  /** Of distinct transactions, with one signature. */
  #acknowledge(validator: number, ids: string[]): Acknowledgement[] {
    const { chainId } = this.chain.genesis;
    const { height } = this.chain;
    const sign = (message: Uint8Array) => toHex(signEd25519(this.signer.privateKey, message));
    if (ids.length < 2) return ids.map((id) => ({ transactionId: id, validator, height, signature: sign(acknowledgementMessage(chainId, id)) }));
    const { root, places } = makeBatch(ids);
    const signature = sign(acknowledgementsMessage(chainId, ids.length, root));
    return ids.map((id, index) => ({ transactionId: id, validator, height, signature, batch: places[index]! }));
  }
}

function notAValidator(transactionId: string): Refusal {
  return { transactionId, code: 'NotAValidator', message: 'this node is no member of the validator set and can promise nothing; submit to its members' };
}

function refusal(id: string, { code, message, field }: LedgerError): Refusal {
  return { transactionId: id, code, message, ...(field === undefined ? {} : { field }) };
}

/** Of a transaction that is at fault: its id where it has one, else the hash of what was sent. */
function idOf(raw: string): string {
  const parsed = parseTransaction(raw);
  return parsed instanceof LedgerError ? sha256Hex(raw) : idOfParsed(raw, parsed);
}

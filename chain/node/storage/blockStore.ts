// The durable chain of one validator in LMDB: headers, bodies, state, the receipt log and the indices; one block is one atomic, flushed write.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { open, type Database, type Key, type RootDatabase } from 'lmdb';
import { fromHex, utf8 } from '../../../crypto/encoding.js';
import { LogError, ReceiptLog } from '../../../receipts/log/receiptLog.js';
import { EMPTY_HISTORY, historySteps, type HistoryRecord, type HistoryStep } from '../../../receipts/history.js';
import { leafHashOfText } from '../../../receipts/merkle/treeHash.js';
import type { BlockHeader, Certificate, Statement } from '../../../receipts/types.js';
import type { FinalisedBlock, TransactionResult } from '../../types.js';
import { NodeError, reasonOf } from '../nodeError.js';
import type { SnapshotManifest, StateRecord } from '../snapshot/manifest.js';
import { LogTables } from './logTables.js';
import { corruptStore, markOpened, markOpening, refuseDamagedStore } from './storeProbe.js';

const STORE_VERSION = 1;

export interface StoredHeader {
  header: BlockHeader;
  /** Block 0 has none. */
  certificate: Certificate | null;
}
export interface TransactionPlace {
  height: number;
  index: number;
}
export interface GenesisContent {
  chainId: string;
  genesisHash: string;
  header: BlockHeader;
  state: Iterable<readonly [key: string, value: string]>;
}
export interface BlockWrite {
  block: FinalisedBlock;
  /** undefined removes. */
  state: Iterable<readonly [key: string, value: string | undefined]>;
  /** What execution knows of the statements; read from them when it is left out. */
  known?: { results: readonly TransactionResult[]; leaves: readonly Uint8Array[]; history: readonly HistoryStep[] };
  /** Votes that this validator has cast so far, in all runs: what its vote log must hold at least from now on. */
  votes?: number;
}
export interface ObjectName {
  kind: string;
  namespace: string;
  name: string;
}
/** One receipt in a scope's history. */
export interface HistoryEntry {
  /** Its index in the receipt log. */
  leaf: number;
  after: HistoryRecord;
}
type StoredHistory = [leaf: number, count: number, head: string];
const historyEntry = ([leaf, count, head]: StoredHistory): HistoryEntry => ({ leaf, after: { count, head } });

interface ChainMark {
  version: number;
  chainId: string;
  genesisHash: string;
}

export class BlockStore {
  readonly #root: RootDatabase;
  readonly #meta: Database<unknown, string>;
  readonly #headers: Database<StoredHeader, number>;
  readonly #transactions: Database<string[], number>;
  readonly #state: Database<string, string>;
  readonly #places: Database<[number, number], string>;
  readonly #objects: Database<string, Key>;
  readonly #history: Database<StoredHistory, Key>;
  readonly logTables: LogTables;
  #log: ReceiptLog | undefined;
  /** Everybody who follows the chain asks for it. */
  #latest: FinalisedBlock | undefined;

  private constructor(
    private readonly directory: string,
    readOnly: boolean,
  ) {
    this.#root = open({ path: directory, maxDbs: 12, overlappingSync: false, readOnly });
    const table = <V, K extends Key>(name: string, encoding: 'json' | 'string' | 'binary'): Database<V, K> => this.#root.openDB<V, K>({ name, encoding });
    this.#meta = table('meta', 'json');
    this.#headers = table('headers', 'json');
    this.#transactions = table('transactions', 'json');
    this.#state = table('state', 'string');
    this.#places = table('places', 'json');
    this.#objects = table('objects', 'string');
    this.#history = table('history', 'json');
    this.logTables = new LogTables(table('tiles', 'binary'), table('entries', 'binary'));
  }

  /** Opens the store in the directory; an empty one is given block 0. Throws NodeError 'OtherChain' or 'CorruptStore', nothing overwritten. */
  static async open(directory: string, genesis: GenesisContent): Promise<BlockStore> {
    const store = BlockStore.#openFiles(directory, false);
    const mark = store.#meta.get('chain') as ChainMark | undefined;
    if (mark === undefined) await store.#create(genesis);
    else await store.#mustBelongTo(directory, mark, genesis);
    store.#openLog();
    return store;
  }

  /** For tools that look at the data of a validator, running or not. Throws NodeError. */
  static openReadOnly(directory: string): BlockStore {
    if (!existsSync(path.join(directory, 'data.mdb'))) throw new NodeError('BadConfig', `${directory} holds no chain; name a validator's home directory`);
    return BlockStore.#openFiles(directory, true);
  }

  /** Makes the store of a node whose chain begins with a snapshot, in an empty directory; until it is whole, it is one without a chain. Throws NodeError. */
  static async fromSnapshot(directory: string, chain: Pick<ChainMark, 'chainId' | 'genesisHash'>, from: { manifest: SnapshotManifest; parts: AsyncIterable<StateRecord[]>; votes: number }): Promise<void> {
    const store = BlockStore.#openFiles(directory, false);
    const { header, certificate, steps, edge } = from.manifest;
    try {
      for await (const records of from.parts) await store.#write(() => records.forEach(([key, value]) => void store.#state.put(key, value)));
      await store.#write(() => {
        for (const step of steps) void store.#headers.put(step.header.height, { header: step.header, certificate: step.certificate });
        void store.#headers.put(header.height, { header, certificate });
        for (const { level, index, hashes } of edge) store.logTables.writeTile(level, index, fromHex(hashes));
        for (const [name, height] of [['head', header.height], ['headersFrom', header.height], ['bodiesFrom', header.height + 1], ['votes', from.votes]] as const) void store.#meta.put(name, height);
        void store.#meta.put('chain', { version: STORE_VERSION, ...chain } satisfies ChainMark);
      });
    } finally {
      await store.close();
    }
  }

  static #openFiles(directory: string, readOnly: boolean): BlockStore {
    refuseDamagedStore(directory);
    if (!readOnly) markOpening(directory);
    try {
      return new BlockStore(directory, readOnly);
    } catch (cause) {
      throw corruptStore(directory, reasonOf(cause), cause);
    }
  }

  #openLog(): void {
    const head = this.header(this.height)?.header;
    if (!head) throw corruptStore(this.directory, `block ${this.height} is missing`);
    try {
      this.#log = ReceiptLog.open(this.logTables, head);
    } catch (cause) {
      if (cause instanceof LogError || cause instanceof RangeError) throw corruptStore(this.directory, cause.message, cause);
      throw cause;
    }
  }

  /** Says that all that is needed to run was read without harm. */
  opened(): void {
    markOpened(this.directory);
  }

  async #create({ chainId, genesisHash, header, state }: GenesisContent): Promise<void> {
    await this.#write(() => {
      void this.#meta.put('chain', { version: STORE_VERSION, chainId, genesisHash } satisfies ChainMark);
      void this.#meta.put('head', 0);
      void this.#headers.put(0, { header, certificate: null });
      for (const [key, value] of state) void this.#state.put(key, value);
    });
  }

  async #mustBelongTo(directory: string, mark: ChainMark, genesis: GenesisContent): Promise<void> {
    const same = mark.version === STORE_VERSION && mark.chainId === genesis.chainId && mark.genesisHash === genesis.genesisHash;
    if (same) return;
    await this.close();
    throw new NodeError(
      'OtherChain',
      `${directory} holds chain "${mark.chainId}" (genesis ${mark.genesisHash.slice(0, 16)}…, format ${mark.version}), ` +
        `not "${genesis.chainId}" (genesis ${genesis.genesisHash.slice(0, 16)}…, format ${STORE_VERSION}); name another data directory`,
    );
  }

  /** Identity of the chain in the store. */
  get mark(): { chainId: string; genesisHash: string } {
    return this.#meta.get('chain') as ChainMark;
  }
  /** Height of the last block that is stored. */
  get height(): number {
    return this.#meta.get('head') as number;
  }
  /** The least number of votes that this validator's vote log must hold. */
  get votes(): number {
    return (this.#meta.get('votes') as number | undefined) ?? 0;
  }
  /** From here on every header is here: 0, unless the chain here began with a snapshot. */
  get headersFrom(): number {
    return (this.#meta.get('headersFrom') as number | undefined) ?? 0;
  }
  /** From here on every block and receipt is here: 1, unless older ones were dropped or never fetched. */
  get bodiesFrom(): number {
    return (this.#meta.get('bodiesFrom') as number | undefined) ?? 1;
  }
  /** Place in the log of the first receipt that is here. */
  get receiptsFrom(): number {
    return this.#firstReceipt(this.bodiesFrom);
  }

  /** The state as it is now, whatever is committed until it is released. */
  pin(): { records(): Iterable<StateRecord>; release(): void } {
    const transaction = this.#root.useReadTransaction();
    const read = this.#state.getRange.bind(this.#state, { transaction });
    return { records: () => read().map(({ key, value }): StateRecord => [key, value]), release: () => transaction.done() };
  }

  /** The receipt log at the head. */
  get log(): ReceiptLog {
    return this.#log!;
  }

  header(height: number): StoredHeader | undefined {
    return this.#headers.get(height);
  }
  /** undefined for block 0 and for heights not reached. */
  block(height: number): FinalisedBlock | undefined {
    if (this.#latest?.header.height === height) return this.#latest;
    const head = this.#headers.get(height);
    const transactions = this.#transactions.get(height);
    if (!head?.certificate || !transactions) return undefined;
    const { logSize } = head.header;
    return { header: head.header, certificate: head.certificate, transactions, statements: this.logTables.statements(this.#firstReceipt(height), logSize) };
  }
  /** Place in the log of a block's first receipt. */
  #firstReceipt(height: number): number {
    return this.#headers.get(height - 1)?.header.logSize ?? 0;
  }

  /** The receipt's statement of one executed transaction, or of what happened by itself. */
  statement({ height, index }: TransactionPlace): Statement | undefined {
    const first = this.#firstReceipt(height);
    const count = (this.#headers.get(height)?.header.logSize ?? 0) - first;
    const [payload] = index < count ? this.logTables.statements(first + index, first + index + 1) : [];
    return payload === undefined ? undefined : (JSON.parse(payload) as Statement);
  }

  get(key: string): string | undefined {
    return this.#state.get(key);
  }
  /** State records whose key has the prefix, in key order, from after `after` on. */
  *list(prefix: string, after?: string): Iterable<[string, string]> {
    for (const { key, value } of this.#state.getRange({ start: after ?? prefix, exclusiveStart: after !== undefined, snapshot: false })) {
      if (!key.startsWith(prefix)) return;
      yield [key, value];
    }
  }

  place(transactionId: string): TransactionPlace | undefined {
    const found = this.#places.get(transactionId);
    return found && { height: found[0], index: found[1] };
  }

  /** Ids of the transactions about an object, newest first. */
  transactionsAbout({ kind, namespace, name }: ObjectName): Iterable<string> {
    return this.#newestFirst(['object', kind, namespace, name]);
  }
  /** The same for all objects of a kind. */
  transactionsOfKind(kind: string): Iterable<string> {
    return this.#newestFirst(['kind', kind]);
  }
  *#newestFirst(prefix: string[]): Iterable<string> {
    const range = { start: [...prefix, Number.MAX_SAFE_INTEGER], end: [...prefix, -1], reverse: true, snapshot: false };
    for (const { value } of this.#objects.getRange(range)) yield value;
  }

  /** The receipts of a scope (receipts/history.ts) in heights `from` to `to`, oldest first. */
  *history(scope: string, from: number, to: number): Iterable<HistoryEntry> {
    for (const { value } of this.#history.getRange({ start: [scope, from], end: [scope, to + 1], snapshot: false })) yield historyEntry(value);
  }
  /** The last `limit` receipts of a scope before a height, newest first. */
  historyBefore(scope: string, height: number, limit = 1): HistoryEntry[] {
    const range = { start: [scope, height], end: [scope, 0], reverse: true, limit, exclusiveStart: true, snapshot: false };
    return Array.from(this.#history.getRange(range), ({ value }) => historyEntry(value));
  }
  #historyOf(statements: readonly string[], height: number): HistoryStep[] {
    const receipts = statements.map((text) => ({ predicate: (JSON.parse(text) as Statement).predicate, leafHash: leafHashOfText(text) }));
    return historySteps(receipts, (scope) => this.historyBefore(scope, height)[0]?.after ?? EMPTY_HISTORY);
  }

  /** Resolves when the block after the head, with all that follows from it, is on the disk. Throws NodeError 'StorageFailed'. */
  async commit({ block, state, known, votes }: BlockWrite): Promise<void> {
    const { header, certificate, transactions, statements } = block;
    // Execution knows those of the transactions; what happened by itself comes after them.
    const executed = known?.results.map(({ transactionId, object }) => ({ receiptId: transactionId, object })) ?? [];
    const facts = [...executed, ...statements.slice(executed.length).map((statement) => (JSON.parse(statement) as Statement).predicate)];
    const history = known?.history ?? this.#historyOf(statements, header.height);
    const first = this.log.head.logSize;
    await this.#write(() => {
      void this.#headers.put(header.height, { header, certificate });
      void this.#transactions.put(header.height, transactions);
      for (const [key, value] of state) void (value === undefined ? this.#state.remove(key) : this.#state.put(key, value));
      for (const { scope, index, after } of history) void this.#history.put([scope, header.height, index], [first + index, after.count, after.head]);
      this.log.append(statements.map(utf8), known?.leaves);
      facts.forEach(({ receiptId, object }, index) => {
        void this.#places.put(receiptId, [header.height, index]);
        if (!object) return;
        void this.#objects.put(['kind', object.kind, header.height, index], receiptId);
        void this.#objects.put(['object', object.kind, object.namespace ?? '', object.name, header.height, index], receiptId);
      });
      void this.#meta.put('head', header.height);
      if (votes !== undefined) void this.#meta.put('votes', votes);
    });
    this.#latest = block;
  }

  /** Drops the bodies and receipts of at most `limit` of the oldest blocks, up to `last`; headers, certificates, the log's hashes and all indices stay. False when there was none. */
  async prune(last: number, limit: number): Promise<boolean> {
    const first = this.bodiesFrom;
    const end = Math.min(last, this.height - 1, first + limit - 1);
    if (end < first) return false;
    const receipts = [this.receiptsFrom, this.#firstReceipt(end + 1)] as const;
    await this.#write(() => {
      for (let height = first; height <= end; height++) void this.#transactions.remove(height);
      this.logTables.removeEntries(...receipts);
      void this.#meta.put('bodiesFrom', end + 1);
    });
    return true;
  }

  async #write(puts: () => void): Promise<void> {
    try {
      // Only a child transaction is rolled back when its callback throws.
      await this.#root.childTransaction(puts);
      await this.#root.flushed;
    } catch (cause) {
      throw new NodeError('StorageFailed', `writing the block store failed: ${reasonOf(cause)}`, { cause });
    }
  }

  async close(): Promise<void> {
    await this.#root.close();
  }
}

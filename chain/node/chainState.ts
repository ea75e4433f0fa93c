// The committed chain in use: head, state tree and receipt log edge, and the only way forward: execute on top, compare, commit.
import { performance } from 'node:perf_hooks';
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { headerHash } from '../../receipts/headerHash.js';
import type { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import type { BlockHeader, Certificate } from '../../receipts/types.js';
import { verifyCertificate } from '../../receipts/certificates.js';
import { executeBlock, nextHeader, transactionsRoot, type BlockExecution } from '../ledger/executeBlock.js';
import { CachedState } from '../ledger/cachedState.js';
import { genesisHash, genesisHeader, genesisState } from '../ledger/genesis.js';
import { protocolAt, SUPPORTED_PROTOCOL } from '../ledger/protocol/protocol.js';
import { knownIn, type IsKnown } from '../ledger/seen/seenTransactions.js';
import { TransactionReader } from '../ledger/transactionReader.js';
import { setAt, setRecords } from '../ledger/validators/validatorSets.js';
import { stateKeys, type Block, type Genesis, type ValidatorSetRecord } from '../types.js';
import type { HeadSnapshot } from './api/context.js';
import { NodeError } from './nodeError.js';
import { BlockStore } from './storage/blockStore.js';
import { corruptStore } from './storage/storeProbe.js';
import type { SyncBlock } from './peerMessages.js';

export interface ExecutedBlock {
  block: Block;
  /** headerHash of its header. */
  digest: string;
  execution: BlockExecution;
  /** What executing it took here, with all its receipts and roots. */
  ms: number;
}
/** A proposal of another validator may be ahead of this clock by so much. */
export const MAX_CLOCK_AHEAD_MS = 10_000;

/** Transactions between mempool and block; what was parsed of them takes several times as much. */
const READER_CHARACTERS = 6 * 1024 * 1024;

interface Head extends HeadSnapshot {
  frontier: MerkleFrontier;
}

export class ChainState {
  readonly reader = new TransactionReader(READER_CHARACTERS);
  /** What the store shows at the head. */
  readonly state: CachedState;
  #head: Head;
  /** While its block is being written: the store may show it already. */
  #next: Head | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  /** Of blocks before the snapshot that the chain began with here: what the state remembers of them. */
  readonly #knownBefore: IsKnown;
  /** Of all heights up to the next but one after the head, the earliest first. */
  #sets: readonly ValidatorSetRecord[];

  private constructor(
    readonly genesis: Genesis,
    readonly store: BlockStore,
    head: Head,
  ) {
    this.state = new CachedState(store);
    this.#head = head;
    this.#sets = setRecords(store);
    this.#knownBefore = store.headersFrom > 0 ? knownIn(store) : () => false;
  }

  /** Throws NodeError 'OtherChain' or 'CorruptStore'. */
  static async open(directory: string, genesis: Genesis): Promise<ChainState> {
    const store = await BlockStore.open(directory, {
      chainId: genesis.chainId,
      genesisHash: genesisHash(genesis),
      header: genesisHeader(genesis),
      state: genesisState(genesis),
    });
    const { header, certificate } = store.header(store.height)!;
    const tree = SparseMerkleTree.fromEntries(store.list(''));
    if (tree.rootHex !== header.stateRoot) {
      await store.close();
      throw corruptStore(directory, `its state has the root ${tree.rootHex}, block ${header.height} says ${header.stateRoot}`);
    }
    const frontier = store.logTables.frontier(header.logSize);
    store.opened();
    const chain = new ChainState(genesis, store, { header, certificate, tree, frontier });
    try {
      chain.#mustSupportNext();
    } catch (error) {
      await store.close();
      throw error;
    }
    return chain;
  }

  /** The set that signs the block of a height (ADR 6); known for heights up to two after the head. */
  setAt(height: number): ValidatorSetRecord {
    return setAt(this.#sets, height);
  }
  /** Every set since the genesis, the earliest first, with that of a change under way. */
  get sets(): readonly ValidatorSetRecord[] {
    return this.#sets;
  }
  get height(): number {
    return this.#head.header.height;
  }
  get header(): BlockHeader {
    return this.#head.header;
  }
  /** What belongs to the state that the store shows at this moment. */
  get snapshot(): HeadSnapshot {
    return this.#next && this.store.height === this.#next.header.height ? this.#next : this.#head;
  }

  isKnown = (transactionId: string): boolean => this.store.place(transactionId) !== undefined || this.#knownBefore(transactionId);

  /** Executes on the head. Throws LedgerError when the transactions make no valid block. */
  build(transactions: string[], timestamp: number, proposer: number): ExecutedBlock {
    const began = performance.now();
    const execution = this.#execute(transactions, timestamp);
    const header = nextHeader(this.#head.header, execution, { timestamp, proposer });
    return { block: { header, transactions }, digest: headerHash(header), execution, ms: performance.now() - began };
  }

  /** Executes another validator's block on the head and compares everything that its header says. Throws NodeError 'BadBlock' or LedgerError. */
  check({ header, transactions }: Block): ExecutedBlock {
    const { height, proposer, timestamp } = header;
    if (height !== this.height + 1) throw new NodeError('BadBlock', `block ${height} does not follow block ${this.height}`);
    if (proposer >= this.setAt(height).set.validators.length) throw new NodeError('BadBlock', `block ${height} names proposer ${proposer}, which does not exist`);
    const executed = this.build(transactions, timestamp, proposer);
    const digest = headerHash(header);
    if (executed.digest !== digest) throw new NodeError('BadBlock', `block ${height} ${difference(header, executed.block.header)}`);
    return executed;
  }

  /** The same with the certificate, for a block from another validator's store. */
  checkFinal({ header, certificate, transactions }: SyncBlock): ExecutedBlock {
    const verdict = verifyCertificate(this.genesis.chainId, this.setAt(header.height).set, header, certificate);
    if (!verdict.ok) throw new NodeError('BadBlock', `block ${header.height}: ${verdict.message}`);
    if (transactionsRoot(transactions) !== header.transactionsRoot) throw new NodeError('BadBlock', `block ${header.height} came with other transactions than its header says`);
    try {
      return this.check({ header, transactions });
    } catch (cause) {
      // A quorum signed it, on this very head: then it is this validator that is wrong.
      if (header.height === this.height + 1 && header.previousHash === headerHash(this.header)) {
        throw new NodeError('Diverged', `block ${header.height} is certified, but executing it here gives something else (${(cause as Error).message}); run "bpci replay" and restore this validator`, { cause });
      }
      throw cause;
    }
  }

  /** Runs one piece of work that moves the head, after those before it. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work);
    this.#turn = run.catch(() => undefined);
    return run;
  }

  /** Makes the block the head; resolves when it is durable. To be called within `exclusive`. `votes` = how many this validator has cast. */
  async commit({ block, execution }: ExecutedBlock, certificate: Certificate, votes?: number): Promise<void> {
    this.#next = { header: block.header, certificate, tree: execution.tree, frontier: execution.frontier };
    const { statements, results, leaves, history, changes } = execution;
    const known = { results, leaves, history };
    await this.store.commit({ block: { ...block, certificate, statements }, state: changes, known, ...(votes === undefined ? {} : { votes }) });
    this.#head = this.#next;
    this.state.changed(changes);
    this.#next = undefined;
    if (execution.changes.some(([key]) => key === stateKeys.validatorSets)) this.#sets = setRecords(this.store);
    this.#mustSupportNext();
  }

  /** What a vote agreed on is no reason to fork: without the code for the next block, this validator ends. Throws NodeError 'UnsupportedProtocol'. */
  #mustSupportNext(): void {
    const version = protocolAt(this.store, this.height + 1);
    if (version <= SUPPORTED_PROTOCOL) return;
    throw new NodeError(
      'UnsupportedProtocol',
      `from block ${this.height + 1} on protocol version ${version} is in force, this program has up to ${SUPPORTED_PROTOCOL}; install a newer one and start it on the same data, the chain goes on from there`,
    );
  }

  #execute(transactions: string[], timestamp: number): BlockExecution {
    const { header, tree, frontier } = this.#head;
    return executeBlock(this.state, {
      genesis: this.genesis,
      height: header.height + 1,
      timestamp,
      transactions,
      tree,
      frontier,
      previousHeader: header,
      isKnown: this.isKnown,
      transactionReader: this.reader,
    });
  }
}

function difference(theirs: BlockHeader, ours: BlockHeader): string {
  const member = (Object.keys(ours) as (keyof BlockHeader)[]).find((name) => theirs[name] !== ours[name]);
  return member === undefined ? 'has another header' : `says ${member} ${theirs[member]}, executing it gives ${ours[member]}`;
}

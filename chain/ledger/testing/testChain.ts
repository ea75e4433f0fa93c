// A chain of one for tests: signs transactions, executes blocks of them, commits them to memory, and reads records.
import { SparseMerkleTree } from '../../../crypto/sparseMerkleTree.js';
import { MerkleFrontier } from '../../../receipts/merkle/merkleFrontier.js';
import type { BlockHeader } from '../../../receipts/types.js';
import { MAX_VALIDITY, type Genesis, type Payloads, type TransactionBody, type TransactionResult, type TransactionType } from '../../types.js';
import { executeBlock, nextHeader, type BlockExecution } from '../executeBlock.js';
import { genesisHeader, genesisState } from '../genesis.js';
import { encodeTransaction, signTransaction } from '../transaction.js';
import { TransactionReader } from '../transactionReader.js';
import { MemoryState } from '../memoryState.js';
import { keyOf, testGenesis, type Actor } from './testGenesis.js';

const BLOCK_MS = 1_000;

export class TestChain {
  readonly state: MemoryState;
  readonly blocks: { header: BlockHeader; transactions: string[]; statements: string[] }[] = [];
  header: BlockHeader;
  tree: SparseMerkleTree;
  frontier = MerkleFrontier.empty();
  readonly reader = new TransactionReader();
  #operations = 0;

  constructor(readonly genesis: Genesis = testGenesis()) {
    this.state = new MemoryState(genesisState(genesis));
    this.tree = SparseMerkleTree.fromEntries(this.state.entries());
    this.header = genesisHeader(genesis);
  }

  get nextHeight(): number {
    return this.header.height + 1;
  }
  /** Time of the next block, unless another is given. */
  get nextTime(): number {
    return this.header.timestamp + BLOCK_MS;
  }

  body<T extends TransactionType>(
    actor: Actor | string,
    type: T,
    payload: Payloads[T],
    changes: Partial<TransactionBody<T>> = {},
  ): TransactionBody<T> {
    this.#operations += 1;
    return {
      chainId: this.genesis.chainId,
      type,
      operationId: `00000000-0000-4000-8000-${String(this.#operations).padStart(12, '0')}`,
      sender: keyOf(actor).publicKey,
      validUntil: this.header.height + MAX_VALIDITY,
      payload,
      ...changes,
    };
  }

  sign<T extends TransactionType>(actor: Actor | string, type: T, payload: Payloads[T], changes: Partial<TransactionBody<T>> = {}): string {
    return encodeTransaction(signTransaction(this.body(actor, type, payload, changes), keyOf(actor).privateKey));
  }

  /** Executes without committing. */
  execute(transactions: string[], timestamp = this.nextTime): BlockExecution {
    return executeBlock(this.state, {
      genesis: this.genesis,
      height: this.nextHeight,
      timestamp,
      transactions,
      tree: this.tree,
      frontier: this.frontier,
      previousHeader: this.header,
      transactionReader: this.reader,
    });
  }

  /** One block. */
  commit(transactions: string[], timestamp = this.nextTime): BlockExecution {
    const execution = this.execute(transactions, timestamp);
    this.header = nextHeader(this.header, execution, { timestamp, proposer: 0 });
    this.state.apply(execution.changes);
    this.tree = execution.tree;
    this.frontier = execution.frontier;
    this.blocks.push({ header: this.header, transactions, statements: execution.statements });
    return execution;
  }

  /** One transaction in a block of its own. */
  run<T extends TransactionType>(actor: Actor | string, type: T, payload: Payloads[T], timestamp?: number): TransactionResult {
    return this.commit([this.sign(actor, type, payload)], timestamp).results[0]!;
  }

  record<T>(key: string): T | undefined {
    const text = this.state.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }
}

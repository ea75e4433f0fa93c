// Executes a block on the state before it: the same input gives every validator the same roots, receipts and changes.
import { toHex } from '../../crypto/encoding.js';
import type { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { headerHash } from '../../receipts/headerHash.js';
import type { HistoryStep } from '../../receipts/history.js';
import type { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { leafHashOfText, merkleRoot } from '../../receipts/merkle/treeHash.js';
import type { BuiltStatement } from '../../receipts/write/buildStatement.js';
import type { BlockHeader } from '../../receipts/types.js';
import type { Genesis, TransactionResult } from '../types.js';
import { imbalance } from './accounts/supply.js';
import { beginBlock } from './beginBlock.js';
import { executeOperation } from './executeOperation.js';
import { chargeBlock, type Usage } from './fees/metering.js';
import { recordHistory } from './history/recordHistory.js';
import { LedgerError } from './ledgerError.js';
import type { BlockContext } from './operation.js';
import { parametersIn } from './parameters/parameters.js';
import { policyPointer, policySetAt } from './policySet/policySet.js';
import { protocolAt, SUPPORTED_PROTOCOL } from './protocol/protocol.js';
import { receiptOf } from './receiptOf.js';
import { knownIn, recordSeen, type IsKnown } from './seen/seenTransactions.js';
import { Overlay, type StateReader } from './state.js';
import { receiptOfEvent } from './systemEvent.js';
import { TransactionReader, type ReadTransaction } from './transactionReader.js';
import { setInForce } from './validators/validatorSets.js';
import { invalidity } from './validity.js';

export interface BlockInput {
  genesis: Genesis;
  height: number;
  /** Block time, ms since the epoch; after the previous block's. How far it may be from the present is for the validator to say. */
  timestamp: number;
  /** Raw, as in the block. */
  transactions: readonly string[];
  /** Over the state before the block. */
  tree: SparseMerkleTree;
  /** Of the receipt log before the block; it is not changed. */
  frontier: MerkleFrontier;
  previousHeader: BlockHeader;
  /** Whether a transaction was executed before; the state's own records are read when it is left out. */
  isKnown?: IsKnown;
  /** Remembers what was parsed and verified before. */
  transactionReader?: TransactionReader;
  /** The newest version of the rules that this program has; for tests of upgrades. */
  supportedProtocol?: number;
}

export interface BlockExecution {
  /** The state after the block, as a layer over the reader. */
  state: Overlay;
  /** What the block changes: undefined removes. */
  changes: [key: string, value: string | undefined][];
  /** One for each transaction, in order. */
  results: TransactionResult[];
  /** Receipts: the log's new leaves, one for each transaction, in order, then those of what happened by itself. */
  statements: string[];
  /** RFC 9162 leaf hashes of the statements. */
  leaves: Uint8Array[];
  /** What each receipt adds to the histories that it belongs to. */
  history: HistoryStep[];
  transactionsRoot: string;
  stateRoot: string;
  logSize: number;
  logRoot: string;
  /** Of the set that signs the next block. */
  nextValidatorsHash: string;
  tree: SparseMerkleTree;
  frontier: MerkleFrontier;
  /** Errors that no rule foresees, for the validator's log; by transaction, or by the key of what was due. */
  faults: { transactionId: string; error: unknown }[];
}

/** Throws LedgerError when the block is invalid; `field` is then transactions[i] or the member of the header. */
export function executeBlock(reader: StateReader, input: BlockInput): BlockExecution {
  mustFollow(input);
  mustSupport(reader, input);
  const transactions = readTransactions(reader, input);
  const { genesis, height, timestamp } = input;
  const pointer = policyPointer(reader);
  const previousTimestamp = input.previousHeader.timestamp;
  const state = new Overlay(reader);
  const block: BlockContext = {
    genesis,
    height,
    timestamp,
    previousTimestamp,
    previousHash: headerHash(input.previousHeader),
    parameters: parametersIn(state, genesis),
    policy: { pointer, set: policySetAt(reader, pointer.policyHeight)! },
  };
  const begun = beginBlock(state, block);
  const faults: BlockExecution['faults'] = begun.faults.map(({ due, error }) => ({ transactionId: due, error }));
  const frontier = input.frontier.clone();
  const results: TransactionResult[] = [];
  const receipts: BuiltStatement[] = [];
  const usage = new Map<string, Usage>();
  transactions.forEach((transaction, index) => {
    const { result, fault } = executeOperation(state, block, transaction);
    if (fault !== undefined) faults.push({ transactionId: transaction.id, error: fault });
    const receipt = receiptOf(transaction, index, result, block);
    frontier.append(receipt.leafHash);
    receipts.push(receipt);
    results.push(result);
    if (genesis.economy) addUsage(usage, transaction.transaction.body.sender, receipt.payload);
  });
  // After the transactions', so that a transaction's place in the block is its receipt's.
  begun.events.forEach((happened, index) => {
    const receipt = receiptOfEvent(happened, transactions.length + index, block);
    frontier.append(receipt.leafHash);
    receipts.push(receipt);
  });
  chargeBlock(state, block, usage);
  const history = recordHistory(state, receipts);
  recordSeen(
    state,
    height,
    transactions.map(({ id }) => id),
  );
  mustConserve(reader, state);

  const changes = [...state.changes()];
  const tree = input.tree.update(changes);
  return {
    state,
    changes,
    results,
    statements: receipts.map(({ payload }) => payload),
    leaves: receipts.map(({ leafHash }) => leafHash),
    history,
    transactionsRoot: toHex(merkleRoot(transactions.map(({ leaf }) => leaf))),
    stateRoot: tree.rootHex,
    logSize: frontier.size,
    logRoot: toHex(frontier.root()),
    nextValidatorsHash: setInForce(reader, height + 1).hash,
    tree,
    frontier,
    faults,
  };
}

/** RFC 9162 root over the raw transactions, hex. */
export function transactionsRoot(transactions: readonly string[]): string {
  return toHex(merkleRoot(transactions.map(leafHashOfText)));
}

/** The header of the executed block. */
export function nextHeader(
  previous: BlockHeader,
  execution: BlockExecution,
  { timestamp, proposer }: { timestamp: number; proposer: number },
): BlockHeader {
  const { transactionsRoot, stateRoot, logSize, logRoot, nextValidatorsHash } = execution;
  return {
    version: 1,
    chainId: previous.chainId,
    height: previous.height + 1,
    timestamp,
    previousHash: headerHash(previous),
    transactionsRoot,
    stateRoot,
    logSize,
    logRoot,
    validatorsHash: previous.nextValidatorsHash,
    nextValidatorsHash,
    proposer,
  };
}

function mustFollow({ genesis, height, timestamp, transactions, previousHeader }: BlockInput): void {
  if (height !== previousHeader.height + 1)
    throw new LedgerError('BadHeight', `block ${height} does not follow block ${previousHeader.height}`, 'height');
  if (!Number.isSafeInteger(timestamp) || timestamp <= previousHeader.timestamp)
    throw new LedgerError(
      'BadTimestamp',
      `timestamp ${timestamp} is not after ${previousHeader.timestamp} of block ${previousHeader.height}`,
      'timestamp',
    );
  const { maxBlockTransactions, maxBlockBytes } = genesis.consensus;
  if (transactions.length > maxBlockTransactions)
    throw new LedgerError(
      'BlockTooLarge',
      `the block has ${transactions.length} transactions, at most ${maxBlockTransactions} are allowed`,
      'transactions',
    );
  const bytes = transactions.reduce((sum, raw) => sum + Buffer.byteLength(raw), 0);
  if (bytes > maxBlockBytes)
    throw new LedgerError('BlockTooLarge', `the block's transactions have ${bytes} bytes, at most ${maxBlockBytes} are allowed`, 'transactions');
}

/** Rather none than another block than those who have the code make. */
function mustSupport(reader: StateReader, { height, supportedProtocol = SUPPORTED_PROTOCOL }: BlockInput): void {
  const version = protocolAt(reader, height);
  if (version <= supportedProtocol) return;
  throw new LedgerError('UnsupportedProtocol', `block ${height} is made by protocol version ${version}, this program has up to ${supportedProtocol}; install a newer one`, 'height');
}

function readTransactions(reader: StateReader, input: BlockInput): ReadTransaction[] {
  const { genesis, height, isKnown = knownIn(reader), transactionReader = new TransactionReader() } = input;
  const inBlock = new Set<string>();
  const context = { reader, chainId: genesis.chainId, height, isKnown: (id: string) => inBlock.has(id) || isKnown(id) };
  return input.transactions.map((raw, index) => {
    const read = transactionReader.read(raw);
    const fault = read instanceof LedgerError ? read : invalidity(read, context);
    if (fault) throw new LedgerError(fault.code, `transactions[${index}]: ${fault.message}`, `transactions[${index}]`, { cause: fault });
    inBlock.add((read as ReadTransaction).id);
    return read as ReadTransaction;
  });
}

function addUsage(usage: Map<string, Usage>, sender: string, receipt: string): void {
  const { operations, receiptBytes } = usage.get(sender) ?? { operations: 0, receiptBytes: 0 };
  usage.set(sender, { operations: operations + 1, receiptBytes: receiptBytes + Buffer.byteLength(receipt) });
}

function mustConserve(reader: StateReader, state: Overlay): void {
  const amount = imbalance(reader, state);
  if (amount !== 0) throw new LedgerError('NotConserved', `the block would ${amount > 0 ? 'make' : 'destroy'} ${Math.abs(amount)} µBPI`);
}

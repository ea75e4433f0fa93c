// Re-derives a chain from its genesis document: every certificate verified, every block executed again, every root compared.
import { SparseMerkleTree } from '../../crypto/sparseMerkleTree.js';
import { headerHash } from '../../receipts/headerHash.js';
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import { verifyCertificate } from '../../receipts/certificates.js';
import type { BlockHeader } from '../../receipts/types.js';
import { executeBlock, nextHeader } from '../ledger/executeBlock.js';
import { genesisHeader, genesisState } from '../ledger/genesis.js';
import { MemoryState } from '../ledger/memoryState.js';
import { SeenWindow } from '../ledger/seen/seenTransactions.js';
import type { StateReader } from '../ledger/state.js';
import { setInForce } from '../ledger/validators/validatorSets.js';
import type { FinalisedBlock, Genesis } from '../types.js';
import { NodeError, reasonOf } from './nodeError.js';

export interface ReplayResult {
  height: number;
  transactions: number;
  stateRoot: string;
  logSize: number;
  logRoot: string;
}

/** `blocks` from height 1 on, in order. Throws NodeError 'Diverged' naming the height and what differs. */
export async function replayChain(genesis: Genesis, blocks: Iterable<FinalisedBlock> | AsyncIterable<FinalisedBlock>, progress?: (height: number) => void): Promise<ReplayResult> {
  const state = new MemoryState(genesisState(genesis));
  let header = genesisHeader(genesis);
  let tree = SparseMerkleTree.fromEntries(genesisState(genesis));
  let frontier = MerkleFrontier.empty();
  const seen = new SeenWindow();
  let transactions = 0;
  for await (const block of blocks) {
    mustBeCertified(genesis, block, header, state);
    const execution = execute(state, { genesis, block, tree, frontier, previousHeader: header, isKnown: seen.isKnown });
    const derived = nextHeader(header, execution, block.header);
    for (const name of Object.keys(derived) as (keyof BlockHeader)[]) {
      if (derived[name] !== block.header[name]) throw diverged(block, `${name} is ${derived[name]} when executed again, its header says ${block.header[name]}`);
    }
    const changed = block.statements.findIndex((statement, i) => statement !== execution.statements[i]);
    if (changed >= 0 || block.statements.length !== execution.statements.length) throw diverged(block, `receipt ${Math.max(changed, 0)} is not what executing it again gives`);
    state.apply(execution.changes);
    seen.add(
      block.header.height,
      execution.results.map(({ transactionId }) => transactionId),
    );
    ({ tree, frontier } = execution);
    header = block.header;
    transactions += block.transactions.length;
    progress?.(header.height);
  }
  const { height, stateRoot, logSize, logRoot } = header;
  return { height, transactions, stateRoot, logSize, logRoot };
}

type Input = Parameters<typeof executeBlock>[1];

function execute(state: StateReader, { block, ...rest }: Pick<Input, 'genesis' | 'tree' | 'frontier' | 'previousHeader' | 'isKnown'> & { block: FinalisedBlock }): ReturnType<typeof executeBlock> {
  const { height, timestamp } = block.header;
  try {
    return executeBlock(state, { ...rest, height, timestamp, transactions: block.transactions });
  } catch (cause) {
    throw diverged(block, `it cannot be executed: ${reasonOf(cause)}`);
  }
}

function mustBeCertified(genesis: Genesis, block: FinalisedBlock, previous: BlockHeader, state: StateReader): void {
  if (block.header.height !== previous.height + 1) throw diverged(block, `it follows block ${previous.height}`);
  if (block.header.previousHash !== headerHash(previous)) throw diverged(block, 'it does not name the block before it');
  const verdict = verifyCertificate(genesis.chainId, setInForce(state, block.header.height).set, block.header, block.certificate);
  if (!verdict.ok) throw diverged(block, verdict.message);
}

function diverged({ header }: FinalisedBlock, what: string): NodeError {
  return new NodeError('Diverged', `block ${header.height}: ${what}; this copy of the chain is not to be trusted, fetch it anew`);
}

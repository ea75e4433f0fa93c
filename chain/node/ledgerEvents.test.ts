// What the ledger does by itself is stored, found and replayed like what it was asked to; a validator without the agreed rules ends before it could fork.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MerkleFrontier } from '../../receipts/merkle/merkleFrontier.js';
import type { Statement } from '../../receipts/types.js';
import { verifyBody } from '../client/verifyBlock.js';
import type { ProposalContent } from '../governanceTypes.js';
import { signGenesis } from '../ledger/genesis.js';
import { encodeTransaction, signTransaction } from '../ledger/transaction.js';
import type { Payloads, TransactionType } from '../types.js';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import { sha256Hex } from '../../crypto/hash.js';
import { ChainState } from './chainState.js';
import { replayChain } from './replayChain.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testCertificate, testChain } from './testing/testChain.js';

const DAY = 86_400_000;
const base = testChain(4);
const accounts = [...base.genesis.accounts, ...base.keys.map(({ ed25519: { publicKey } }, i) => ({ publicKey, name: `validator-${i}`, roles: ['validator' as const], balance: 1_000_000_000, stake: 0 }))];
const genesis = signGenesis({ ...base.genesis, accounts }, ed25519FromSeed(sha256Hex('creator')).privateKey);
const network = { ...base, genesis };

function sign<T extends TransactionType>(validator: number, type: T, payload: Payloads[T]) {
  const { publicKey, privateKey } = network.keys[validator]!.ed25519;
  const transaction = signTransaction({ chainId: genesis.chainId, type, operationId: randomUUID(), sender: publicKey, validUntil: 500, payload }, privateKey);
  return encodeTransaction(transaction);
}
async function grow(chain: ChainState, transactions: string[], later = 1_000): Promise<void> {
  const executed = chain.build(transactions, chain.header.timestamp + later, 0);
  await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest));
}
const propose = (content: ProposalContent) => sign(0, 'proposal.submit', { title: 'a change', reason: '', content });
const proposalIn = (chain: ChainState) => [...chain.store.list('proposal/')][0]![0].slice('proposal/'.length);

describe('a receipt of what happened by itself', () => {
  it('is stored after those of the block’s transactions, found by its object, verified by clients and replayed', async () => {
    const chain = await ChainState.open(temporaryDirectory(), genesis);
    await grow(chain, [propose({ kind: 'EconomicParameter', changes: { meshFee: 5 }, height: 1 })]);
    const id = proposalIn(chain);
    await grow(chain, [sign(1, 'stake.bond', { account: network.operator.publicKey, name: 'operator', amount: 1 })], 7 * DAY);

    const block = chain.store.block(2)!;
    const predicates = block.statements.map((text) => (JSON.parse(text) as Statement).predicate);
    expect(predicates.map(({ operationType, code, index }) => [operationType, code, index])).toEqual([['stake.bond', 'Bonded', 0], ['proposal.close', 'Rejected', 1]]);
    const { receiptId } = predicates[1]!;
    expect(chain.store.place(receiptId)).toEqual({ height: 2, index: 1 });
    expect(chain.store.statement({ height: 2, index: 1 })!.predicate.receiptId).toBe(receiptId);
    expect([...chain.store.transactionsAbout({ kind: 'Proposal', namespace: '', name: id })]).toContain(receiptId);

    const blocks = [1, 2].map((height) => chain.store.block(height)!);
    const { frontier } = verifyBody(blocks[0]!, MerkleFrontier.empty());
    expect(verifyBody(block, frontier).results).toHaveLength(2);
    expect(() => verifyBody({ ...block, statements: block.statements.slice(0, 1) }, frontier)).toThrow(/log root/);
    expect(await replayChain(genesis, blocks)).toMatchObject({ height: 2, logSize: 3, stateRoot: chain.header.stateRoot });
    await chain.store.close();
  });
});

describe('an upgrade that this program lacks', () => {
  it('ends the validator at the height, with a message, and again when it is started', async () => {
    const directory = temporaryDirectory();
    const chain = await ChainState.open(directory, genesis);
    await grow(chain, [propose({ kind: 'SecurityPatch', version: 2, height: 1 })]);
    const votes = [1, 2, 3].map((i) => sign(i, 'proposal.vote', { proposal: proposalIn(chain), approve: true }));
    await grow(chain, votes);
    await expect(grow(chain, [])).rejects.toMatchObject({ code: 'UnsupportedProtocol', exitCode: 2, message: expect.stringContaining('from block 4 on protocol version 2 is in force') as string });
    expect(chain.store.height).toBe(3);
    await chain.store.close();
    await expect(ChainState.open(directory, genesis)).rejects.toMatchObject({ code: 'UnsupportedProtocol' });
  });
});

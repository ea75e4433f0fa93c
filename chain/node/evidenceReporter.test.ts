// Evidence is kept, reported in turn with the own account, not twice, and forgotten once it is on the chain.
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../crypto/hash.js';
import { toHex } from '../../crypto/encoding.js';
import { signEd25519 } from '../../crypto/ed25519.js';
import { signingInput } from '../consensus/signing.js';
import type { Payload, Signed } from '../consensus/types.js';
import { evidenceKey } from '../ledger/evidence/evidenceOperations.js';
import type { TransactionResult } from '../types.js';
import { ChainState } from './chainState.js';
import { EvidenceReporter } from './evidenceReporter.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testCertificate, testChain } from './testing/testChain.js';

const network = testChain(4);
const own = network.keys[1]!.ed25519;
const offender = network.keys[3]!.ed25519;

function vote(height: number, block: string): Signed {
  const payload: Payload = { type: 'prepare', height, round: 0, digest: sha256Hex(block) };
  return { from: 3, payload, signature: toHex(signEd25519(offender.privateKey, signingInput(network.chainId, payload))) };
}

async function setUp(account = network.operator, rank: number | null = 1) {
  const chain = await ChainState.open(temporaryDirectory(), network.genesis);
  const kept: string[] = [];
  const sent: string[] = [];
  const refused: string[] = [];
  const reporter = new EvidenceReporter(chain, account, {
    keep: async (report) => void kept.push(report),
    rank: () => rank,
    submit: async (raw) => (sent.push(raw), { refusals: [] }),
    refused: (reason) => refused.push(reason),
  });
  const block = async (transactions: string[] = []): Promise<TransactionResult[]> => {
    const executed = chain.build(transactions, chain.header.timestamp + 5, 0);
    await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest));
    await reporter.committed();
    return executed.execution.results;
  };
  return { chain, reporter, kept, sent, refused, block };
}

describe('evidence that this validator saw', () => {
  it('is kept at once, reported when it is its turn, recorded by the ledger, and then forgotten', async () => {
    const { chain, reporter, kept, sent, block } = await setUp();
    await reporter.seen(vote(1, 'one'), vote(1, 'two'));
    expect([kept.length, reporter.waiting.length]).toEqual([1, 1]);
    await block();
    expect(sent).toHaveLength(0);
    await block();
    expect(sent).toHaveLength(1);
    await block();
    expect(sent).toHaveLength(1);
    expect(await block(sent)).toMatchObject([{ outcome: 'applied', code: 'EvidenceRecorded' }]);
    expect(chain.store.get(evidenceKey(offender.publicKey, 1, 'prepare'))).toBeDefined();
    expect(reporter.waiting).toEqual([]);
    await chain.store.close();
  });

  it("is not reported when another's report was executed first", async () => {
    const other = await setUp(network.operator, 0);
    await other.reporter.seen(vote(1, 'one'), vote(1, 'two'));
    await other.block();
    const { chain, reporter, sent, block } = await setUp(network.operator, 3);
    await reporter.seen(vote(1, 'two'), vote(1, 'one'));
    await block(other.sent);
    for (let i = 0; i < 6; i++) await block();
    expect(sent).toEqual([]);
    await reporter.seen(vote(1, 'one'), vote(1, 'two'));
    expect(reporter.waiting).toEqual([]);
    await chain.store.close();
    await other.chain.store.close();
  });

  it('comes back after a restart, and is signed anew when a report was lost', async () => {
    const { chain, reporter, sent, block } = await setUp(network.operator, 0);
    reporter.restore([JSON.stringify({ first: vote(1, 'one'), second: vote(1, 'two') })]);
    for (let i = 0; i < 102; i++) await block();
    expect(sent).toHaveLength(2);
    expect(sent[1]).not.toBe(sent[0]);
    await chain.store.close();
  });

  it('is bounded, whatever a validator signs', async () => {
    const { chain, reporter, kept } = await setUp();
    for (let height = 1; height <= 200; height++) await reporter.seen(vote(height, 'one'), vote(height, 'two'));
    expect([kept.length, reporter.waiting.length]).toEqual([64, 64]);
    await chain.store.close();
  });

  it('waits, and says why, when this validator has no account', async () => {
    const { chain, reporter, sent, refused, block } = await setUp(own, 0);
    await reporter.seen(vote(1, 'one'), vote(1, 'two'));
    await block();
    expect([sent, refused]).toEqual([[], [expect.stringMatching(/no account .*bpci stake bond/)]]);
    expect(reporter.waiting).toHaveLength(1);
    await chain.store.close();
  });
});

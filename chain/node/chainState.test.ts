// The head moves by executed and certified blocks only, comes back after a restart, and a replay from genesis gives the same.
import { describe, expect, it } from 'vitest';
import { headerHash } from '../../receipts/headerHash.js';
import type { FinalisedBlock } from '../types.js';
import { ChainState } from './chainState.js';
import { replayChain } from './replayChain.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testCertificate, testChain, testReport } from './testing/testChain.js';

const network = testChain(4);

async function grown(directory: string, sizes: number[]): Promise<ChainState> {
  const chain = await ChainState.open(directory, network.genesis);
  for (const size of sizes) {
    const transactions = Array.from({ length: size }, (_, i) => testReport(network, `w${i}`));
    const executed = chain.build(transactions, chain.header.timestamp + 5, 1);
    await chain.commit(executed, testCertificate(network, chain.height + 1, executed.digest));
  }
  return chain;
}
const blocksOf = ({ store }: ChainState): FinalisedBlock[] => Array.from({ length: store.height }, (_, i) => store.block(i + 1)!);

describe('ChainState', () => {
  it('is the same after a restart, and block by block on another validator', async () => {
    const directory = temporaryDirectory();
    const chain = await grown(directory, [3, 0, 20]);
    const { header } = chain;
    const blocks = blocksOf(chain);
    await chain.store.close();
    const again = await ChainState.open(directory, network.genesis);
    expect(again.header).toEqual(header);
    expect(again.snapshot.tree.rootHex).toBe(header.stateRoot);
    const other = await ChainState.open(temporaryDirectory(), network.genesis);
    for (const { header: of, certificate, transactions } of blocks) await other.commit(other.checkFinal({ header: of, certificate, transactions }), certificate);
    expect(other.header).toEqual(header);
    expect(await replayChain(network.genesis, blocks)).toEqual({ height: 3, transactions: 23, stateRoot: header.stateRoot, logSize: 23, logRoot: header.logRoot });
    await again.store.close();
    await other.store.close();
  });

  it.each([
    ['a signature too few', (b: FinalisedBlock) => ({ ...b, certificate: testCertificate(network, 1, b.certificate.blockHash, [0, 1]) }), 'BadBlock', /2 of 4 validators signed/],
    ['another header', (b: FinalisedBlock) => ({ ...b, header: { ...b.header, stateRoot: 'ab'.repeat(32) } }), 'BadBlock', /certificate is for block/],
    ['other transactions', (b: FinalisedBlock) => ({ ...b, transactions: b.transactions.slice(1) }), 'BadBlock', /other transactions/],
    ['a height that does not follow', (b: FinalisedBlock) => certified({ ...b, header: { ...b.header, height: 2 } }), 'BadBlock', /does not follow block 0/],
    ['a quorum over a wrong root', (b: FinalisedBlock) => certified({ ...b, header: { ...b.header, logSize: 9 } }), 'Diverged', /logSize 9, executing it gives 3/],
  ])('refuses a final block with %s', async (_, change, code, message) => {
    const source = await grown(temporaryDirectory(), [3]);
    const chain = await ChainState.open(temporaryDirectory(), network.genesis);
    const changed = change(blocksOf(source)[0]!);
    expect(() => chain.checkFinal(changed)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
    await source.store.close();
    await chain.store.close();
  });

  it('never shows a state with the header of another', async () => {
    const chain = await grown(temporaryDirectory(), [1]);
    const executed = chain.build([testReport(network, 'x')], chain.header.timestamp + 5, 0);
    const done = chain.commit(executed, testCertificate(network, 2, executed.digest));
    let finished = false;
    void done.then(() => (finished = true));
    const account = `account/${network.operator.publicKey}`;
    while (!finished) {
      const { header, tree } = chain.snapshot;
      const value = chain.store.get(account)!;
      expect(tree.update([[account, value]]).rootHex).toBe(header.stateRoot);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(chain.height).toBe(2);
    await chain.store.close();
  });
});

describe('replayChain', () => {
  it.each([
    ['a receipt', (b: FinalisedBlock) => ({ ...b, statements: [b.statements[1]!, b.statements[0]!] }), /receipt 0 is not/],
    ['a missing block', (_: FinalisedBlock, all: FinalisedBlock[]) => all[1]!, /it follows block 0/],
    ['a forged header with a quorum behind it', (b: FinalisedBlock) => certified({ ...b, header: { ...b.header, stateRoot: 'ab'.repeat(32) } }), /stateRoot is /],
  ])('finds %s', async (_, change, message) => {
    const chain = await grown(temporaryDirectory(), [2, 1]);
    const blocks = blocksOf(chain);
    await expect(replayChain(network.genesis, [change(blocks[0]!, blocks)])).rejects.toThrow(message);
    await chain.store.close();
  });
});

function certified(block: FinalisedBlock): FinalisedBlock {
  return { ...block, certificate: testCertificate(network, block.header.height, headerHash(block.header)) };
}

// A validator's chain follows a change of the validator set: each height's certificate by its own set, after a restart, by sync and in a replay.
import { describe, expect, it } from 'vitest';
import { signEd25519 } from '../../crypto/ed25519.js';
import { toHex } from '../../crypto/encoding.js';
import { changeMessage } from '../ledger/validators/changeMessage.js';
import type { FinalisedBlock, UnsignedValidatorsChange } from '../types.js';
import { ChainState } from './chainState.js';
import { replayChain } from './replayChain.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testCertificate, testChain, testTransaction } from './testing/testChain.js';
import { testSet } from './testing/testSet.js';

const network = testChain(4);
const five = testSet(5);
const expected = { expectedSetHash: '', expectedSince: 0, add: [], remove: [], reason: 'a test' };

function changeTransaction(chain: ChainState, changes: Partial<UnsignedValidatorsChange>): string {
  const { hash, since, set } = chain.sets.at(-1)!;
  const change = { ...expected, expectedSetHash: hash, expectedSince: since, ...changes };
  const message = changeMessage(network.chainId, change);
  const signatures = set.validators.map(({ ed25519PublicKey }) => {
    const { privateKey } = five.keys.find(({ ed25519 }) => ed25519.publicKey === ed25519PublicKey)!.ed25519;
    return { validator: ed25519PublicKey, signature: toHex(signEd25519(privateKey, message)) };
  });
  return testTransaction(network, 'validators.change', { ...change, signatures });
}

async function addBlock(chain: ChainState, transactions: string[]): Promise<void> {
  const executed = chain.build(transactions, chain.header.timestamp + 5, 1);
  const height = chain.height + 1;
  const members = chain.setAt(height).set.validators;
  const signing = five.keys.filter(({ ed25519 }) => members.some(({ ed25519PublicKey }) => ed25519PublicKey === ed25519.publicKey));
  await chain.commit(executed, testCertificate({ ...five, keys: signing }, height, executed.digest));
}

/** 4 validators, 5 from block 4 on, and without validator-1 from block 7 on. */
async function grown(directory: string): Promise<ChainState> {
  const chain = await ChainState.open(directory, network.genesis);
  await addBlock(chain, []);
  await addBlock(chain, [changeTransaction(chain, { add: [{ ...five.set.validators[4]!, endpoint: '127.0.0.1:1' }] })]);
  await addBlock(chain, []);
  await addBlock(chain, []);
  await addBlock(chain, [changeTransaction(chain, { remove: [five.set.validators[1]!.ed25519PublicKey] })]);
  for (let i = 0; i < 3; i++) await addBlock(chain, []);
  return chain;
}
const blocksOf = ({ store }: ChainState): FinalisedBlock[] => Array.from({ length: store.height }, (_, i) => store.block(i + 1)!);
const sizes = (chain: ChainState) => Array.from({ length: chain.height + 2 }, (_, i) => chain.setAt(i + 1).set.validators.length);

describe('a chain whose validator set changes', () => {
  it('knows the set of every height, again after a restart and when it is fetched block by block', async () => {
    const directory = temporaryDirectory();
    const chain = await grown(directory);
    expect(sizes(chain)).toEqual([4, 4, 4, 5, 5, 5, 4, 4, 4, 4]);
    expect(chain.setAt(7).set.validators.map(({ address }) => address)).toEqual(['validator-0', 'validator-2', 'validator-3', 'validator-4']);
    const blocks = blocksOf(chain);
    await chain.store.close();
    const again = await ChainState.open(directory, network.genesis);
    expect(sizes(again)).toEqual([4, 4, 4, 5, 5, 5, 4, 4, 4, 4]);
    const other = await ChainState.open(temporaryDirectory(), network.genesis);
    for (const block of blocks) await other.commit(other.checkFinal(block), block.certificate);
    expect(other.header).toEqual(again.header);
    expect(await replayChain(network.genesis, blocks)).toMatchObject({ height: 8, stateRoot: again.header.stateRoot });
    await again.store.close();
    await other.store.close();
  });

  it('believes no certificate of a set whose time is not or no longer', async () => {
    const chain = await grown(temporaryDirectory());
    const blocks = blocksOf(chain);
    const other = await ChainState.open(temporaryDirectory(), network.genesis);
    for (const block of blocks) {
      const { header } = block;
      const strangers = { ...five, keys: header.height < 4 || header.height > 6 ? five.keys : five.keys.filter((_, i) => i !== 1) };
      const certificate = testCertificate(strangers, header.height, block.certificate.blockHash);
      expect(() => other.checkFinal({ ...block, certificate })).toThrow(expect.objectContaining({ code: 'BadBlock' }));
      await expect(replayChain(network.genesis, blocks.slice(0, header.height).with(-1, { ...block, certificate }))).rejects.toMatchObject({ code: 'Diverged' });
      await other.commit(other.checkFinal(block), block.certificate);
    }
    await chain.store.close();
    await other.store.close();
  });
});

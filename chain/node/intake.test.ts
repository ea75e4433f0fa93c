// What is taken, refused and acknowledged; what survives a restart; and that nothing is acknowledged before it is durable.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../crypto/ed25519.js';
import { fromHex } from '../../crypto/encoding.js';
import { sha256Hex } from '../../crypto/hash.js';
import { ChainState } from './chainState.js';
import { verifyAcknowledgement } from '../client/acknowledgement.js';
import { acknowledgementMessage, Intake } from './intake.js';
import { Mempool, MEMPOOL_LIMITS, type MempoolLimits } from './mempool.js';
import { MempoolLog } from './storage/mempoolLog.js';
import { faultyDisk } from './testing/faultyDisk.js';
import { temporaryDirectory } from './testing/temporaryDirectory.js';
import { testCertificate, testChain, testReport } from './testing/testChain.js';

const network = testChain(1);

async function start({ limits = MEMPOOL_LIMITS, failAt = Infinity, directory = temporaryDirectory() }: { limits?: MempoolLimits; failAt?: number; directory?: string } = {}) {
  mkdirSync(path.join(directory, 'blocks'), { recursive: true });
  const chain = await ChainState.open(path.join(directory, 'blocks'), network.genesis);
  const { log, found } = await MempoolLog.open(path.join(directory, 'mempool.log'), { disk: faultyDisk(failAt) });
  const pool = new Mempool(limits);
  const accepted: string[] = [];
  const intake = new Intake(chain, pool, log, { index: () => 0, privateKey: network.keys[0]!.ed25519.privateKey }, { added: () => undefined, accepted: ({ id }) => accepted.push(id) });
  const stop = async () => {
    await log.close();
    await chain.store.close();
  };
  return { chain, pool, intake, accepted, found, stop, directory };
}
const ids = (answer: { acknowledgements: { transactionId: string }[] }) => answer.acknowledgements.map(({ transactionId }) => transactionId);

describe('Intake', () => {
  it('acknowledges with a signature over chain and id, again for the same transaction, and still when it is in a block', async () => {
    const { chain, pool, intake, accepted, stop } = await start();
    const raw = testReport(network, 'a');
    const first = await intake.submit([raw, raw]);
    const [{ transactionId, signature, validator }] = first.acknowledgements as [(typeof first.acknowledgements)[0]];
    expect(verifyEd25519(network.set.validators[validator]!.ed25519PublicKey, acknowledgementMessage(network.chainId, transactionId), fromHex(signature))).toBe(true);
    expect([ids(first), pool.size, accepted]).toEqual([[transactionId, transactionId], 1, [transactionId]]);
    const executed = chain.build([raw], chain.header.timestamp + 1, 0);
    await chain.commit(executed, testCertificate(network, 1, executed.digest));
    pool.remove(transactionId);
    expect(ids(await intake.submit([raw]))).toEqual([transactionId]);
    expect(pool.size).toBe(0);
    await stop();
  });

  it('acknowledges what came in one request with one signature, each provably', async () => {
    const { intake, stop } = await start();
    const raws = Array.from({ length: 5 }, (_, i) => testReport(network, `r${i}`));
    const { acknowledgements } = await intake.submit([...raws, raws[0]!]);
    expect(new Set(acknowledgements.map(({ signature }) => signature)).size).toBe(1);
    expect(acknowledgements).toHaveLength(6);
    for (const one of acknowledgements) expect(verifyAcknowledgement(network.chainId, network.set, one)).toBe(true);
    const [first, second] = acknowledgements as [(typeof acknowledgements)[0], (typeof acknowledgements)[0]];
    expect(verifyAcknowledgement(network.chainId, network.set, { ...first, transactionId: sha256Hex('another') })).toBe(false);
    expect(verifyAcknowledgement(network.chainId, network.set, { ...first, batch: second.batch })).toBe(false);
    expect(verifyAcknowledgement('other-chain', network.set, first)).toBe(false);
    await stop();
  });

  it.each([
    ['no JSON', 'x', 'NotJson'],
    ['another chain', testReport({ ...network, genesis: { ...network.genesis, chainId: 'other' } }, 'a'), 'WrongChain'],
    ['a changed body', testReport(network, 'a').replace('"actions":[]', '"actions":["x"]'), 'BadSignature'],
    ['one that is over', testReport(network, 'a', 0), 'Expired'],
  ])('refuses %s with its code, and the others are taken all the same', async (_, raw, code) => {
    const { intake, stop } = await start();
    const answer = await intake.submit([raw, testReport(network, 'good')]);
    expect(answer.refusals).toMatchObject([{ code, transactionId: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
    expect(answer.acknowledgements).toHaveLength(1);
    if (code === 'NotJson') expect(answer.refusals[0]!.transactionId).toBe(sha256Hex(raw));
    await stop();
  });

  it('says when it is full', async () => {
    const { intake, stop } = await start({ limits: { transactions: 2, bytes: 1e6, perSender: 1 } });
    const { refusals } = await intake.submit([testReport(network, 'a'), testReport(network, 'b')]);
    expect(refusals).toMatchObject([{ code: 'MempoolSenderFull', message: expect.stringContaining(network.operator.publicKey) }]);
    await stop();
  });

  it('never acknowledges what its log did not take', async () => {
    const { intake, stop } = await start({ failAt: 6 });
    await expect(intake.submit([testReport(network, 'a')])).rejects.toMatchObject({ code: 'StorageFailed' });
    await stop();
  });

  it('takes up after a restart what it had acknowledged and no block has, in order', async () => {
    const first = await start();
    const raws = ['a', 'b', 'c'].map((name) => testReport(network, name));
    const acknowledged = [...ids(await first.intake.submit(raws.slice(0, 2))), ...ids(await first.intake.submit(raws.slice(2)))];
    const executed = first.chain.build([raws[1]!], first.chain.header.timestamp + 1, 0);
    await first.chain.commit(executed, testCertificate(network, 1, executed.digest));
    await first.stop();
    const second = await start({ directory: first.directory });
    expect(await second.intake.restore(second.found)).toBe(2);
    expect([...second.pool.all()].map(({ id }) => id)).toEqual([acknowledged[0], acknowledged[2]]);
    await second.stop();
  });

  it('keeps what another validator told without its log, until a client gives it too', async () => {
    const first = await start();
    const raw = testReport(network, 'a');
    await first.intake.gossiped([raw, 'nonsense', testReport(network, 'late', 0)]);
    expect([first.pool.size, first.accepted]).toEqual([1, []]);
    const told = await MempoolLog.open(path.join(first.directory, 'mempool.log'));
    expect(told.found).toEqual([]);
    await told.log.close();
    await first.intake.submit([raw]);
    await first.stop();
    const second = await start({ directory: first.directory });
    expect(second.found).toEqual([raw]);
    await second.stop();
  });
});

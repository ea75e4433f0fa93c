// Four real validators over the loopback: they decide, go on with one killed, halt with two and say who, resume, and agree on everything at the end.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verifyEd25519 } from '../../crypto/ed25519.js';
import { fromHex } from '../../crypto/encoding.js';
import type { BlockHeader, ReceiptBundle } from '../../receipts/types.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import { accountScope } from '../../receipts/history.js';
import { createChainClient } from '../client/chainClient.js';
import type { SignedTransaction } from '../types.js';
import { acknowledgementMessage } from './intake.js';
import { bpci, ProcessSet, until } from './testing/processSet.js';
import { report, submit, type TestTransaction } from './testing/testClient.js';

let set: ProcessSet;
const sent: TestTransaction[] = [];

beforeAll(async () => {
  set = await ProcessSet.create(4, '--block-time', '500ms');
  set.start(...set.all);
  await allReady(set.all);
});
afterAll(() => set.destroy());

const allReady = (indices: number[]) =>
  until('readiness', async () => (await Promise.all(indices.map((i) => set.status(i)))).every(({ height, syncing, halted }) => height > 0 && !syncing && !halted));
const receipt = (index: number, { id }: TestTransaction) => until(`receipt ${id} at ${index}`, () => set.get<ReceiptBundle>(index, `/v1/receipts/${id}`));

async function send(to: number[], count = 1): Promise<TestTransaction[]> {
  const { height } = await set.status(to[0]!);
  const transactions = Array.from({ length: count }, () => report(set, height + 500));
  for (const { acknowledgements, refusals } of await Promise.all(to.map((index) => submit(set, index, transactions)))) {
    expect(refusals).toEqual([]);
    expect(acknowledgements.map(({ transactionId }) => transactionId)).toEqual(transactions.map(({ id }) => id));
  }
  sent.push(...transactions);
  return transactions;
}

describe('four validators', () => {
  it('acknowledge with a signature that verifies, decide, and each gives a receipt that verifies offline', async () => {
    const { height } = await set.status(0);
    const transaction = report(set, height + 500);
    const { acknowledgements } = await submit(set, 2, [transaction]);
    const { validators } = set.genesis.validatorSet;
    expect(verifyEd25519(validators[2]!.ed25519PublicKey, acknowledgementMessage('test-net', transaction.id), fromHex(acknowledgements[0]!.signature))).toBe(true);
    for (const index of set.all) {
      const verdict = verifyReceipt(await receipt(index, transaction), { chainId: 'test-net', validatorSet: set.genesis.validatorSet });
      expect(verdict).toMatchObject({ ok: true });
    }
    expect((await submit(set, 1, [transaction])).acknowledgements).toHaveLength(1);
    sent.push(transaction);
  });

  it('refuse what is wrong, each with its code', async () => {
    const { height } = await set.status(0);
    const good = report(set, height + 500);
    const { refusals } = await submit(set, 0, [
      { id: '', raw: 'nonsense' },
      { id: '', raw: good.raw.replace('"generation":1', '"generation":2') },
      report(set, 0),
      report(set, height + 5_000),
    ]);
    expect(refusals.map(({ code }) => code)).toEqual(['NotJson', 'BadSignature', 'Expired', 'TooFarAhead']);
  });

  it('go on when one is killed, and it catches up when it is back', async () => {
    await set.kill('SIGKILL', 3);
    const transactions = [...(await send([0, 1, 2], 40)), ...(await send([1], 1))];
    for (const index of [0, 1, 2]) await receipt(index, transactions.at(-1)!);
    set.start(3);
    for (const transaction of transactions) await receipt(3, transaction);
  });

  it('halt when two are killed, say who is missing, signed, and resume when they are back, losing nothing acknowledged', async () => {
    await set.kill('SIGKILL', 1, 2);
    const pending = await send([0, 3], 3);
    for (const witness of [0, 3]) {
      await until(`validator ${witness} to say that both are missing`, async () => {
        const missing = (await set.status(witness)).halted?.missing.map(({ address }) => address) ?? [];
        return missing.join() === 'validator-1,validator-2' || undefined;
      });
    }
    const why = bpci('why-halted', '--endpoint', set.endpoint(3));
    expect(why.stdout).toMatch(/missing +validator-1, not heard since .*\n.*missing +validator-2(.|\n)*stated by +validator-3 .* signature valid/);
    await set.kill('SIGKILL', 0);
    set.start(0, 1, 2);
    for (const transaction of pending) for (const index of set.all) await receipt(index, transaction);
    expect((await set.status(0)).halted).toBeNull();
  });

  it('have the same headers and state roots at every height, and a replay from genesis gives them again', async () => {
    await allReady(set.all);
    const top = Math.min(...(await Promise.all(set.all.map((i) => set.status(i)))).map(({ height }) => height));
    const headers = await Promise.all(set.all.map((i) => set.get<{ header: BlockHeader }[]>(i, `/v1/headers?from=${Math.max(0, top - 499)}`)));
    const hashes = headers.map((list) => list.filter(({ header }) => header.height <= top).map(({ header }) => JSON.stringify(header)));
    for (const list of hashes) expect(list).toEqual(hashes[0]);
    for (const { id } of sent) expect(await set.get(0, `/v1/transactions/${id}`)).toMatchObject({ result: { transactionId: id, outcome: 'applied' } });
    for (const home of [set.home(0), set.home(3)]) expect(bpci('replay', '--home', home)).toMatchObject({ code: 0, stdout: expect.stringMatching(/state root +[0-9a-f]{64}, the same/) });
    const file = `${set.directory}/chain.jsonl`;
    expect(bpci('export', '--home', set.home(1), '--out', file).code).toBe(0);
    expect(bpci('replay', '--file', file)).toMatchObject({ code: 0 });
  });

  it('prove to a client which operations are all of an account, and of them all that were acknowledged', async () => {
    const client = createChainClient({ endpoints: set.all.map((i) => set.endpoint(i)), genesis: set.genesis });
    await client.start();
    const sender = (JSON.parse(sent[0]!.raw) as SignedTransaction).body.sender;
    const operations = await client.history({ scope: accountScope(sender), from: 1, to: client.head().height });
    await client.stop();
    expect(operations.map(({ predicate }) => predicate.receiptId).toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
  });

  it('refuse a second start of a running home, with exit code 2 and one line', () => {
    const again = bpci('start', '--home', set.home(0));
    expect(again.code).toBe(2);
    expect(again.stderr.trim().split('\n').at(-1)).toMatch(/^bpci: the data directory .* is in use by another process/);
  });
});

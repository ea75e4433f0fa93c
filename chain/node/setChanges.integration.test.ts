// Real validators whose set grows from 4 to 5 and shrinks to 4 again under load, by the commands of bpci: the chain never stops, and whoever trusts the genesis can check all of it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReceiptBundle } from '../../receipts/types.js';
import { verifyReceipt } from '../../receipts/verify/verifyReceipt.js';
import { createChainClient } from '../client/chainClient.js';
import type { NewValidator } from '../types.js';
import { bpci, bpciBeside, ProcessSet, until } from './testing/processSet.js';
import { report, submit, type TestTransaction } from './testing/testClient.js';

let set: ProcessSet;
let loading = true;
let load: Promise<void>;
let longestPauseMs = 0;
const acknowledged: TestTransaction[] = [];

beforeAll(async () => {
  set = await ProcessSet.create(4, '--block-time', '500ms');
  set.start(...set.all);
  await until('a first block', async () => (await set.status(0)).height > 0);
  load = offer();
});
afterAll(async () => {
  loading = false;
  await load?.catch(() => undefined);
  await set.destroy();
});

/** A few transactions at a time to validator 0, and how long the chain stood still at most. */
async function offer(): Promise<void> {
  let last = { height: 0, at: Date.now() };
  while (loading) {
    const { height } = await set.status(0);
    if (height > last.height) {
      longestPauseMs = Math.max(longestPauseMs, Date.now() - last.at);
      last = { height, at: Date.now() };
    }
    const transactions = Array.from({ length: 3 }, () => report(set, height + 500));
    await submit(set, 0, transactions);
    acknowledged.push(...transactions);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

async function run(...flags: string[]): Promise<string> {
  const { code, stdout, stderr } = await bpciBeside(...flags, '--endpoint', set.endpoint(0));
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}
async function change(flags: string[], signers: number[]): Promise<string> {
  const file = path.join(set.directory, `change-${flags.join('').replace(/\W/g, '')}.json`);
  await run('validators', 'propose', ...flags, '--reason', 'a test', '--out', file);
  const early = await bpciBeside('validators', 'submit', file, '--key', operatorKey(), '--endpoint', set.endpoint(0));
  expect([early.code, early.stderr]).toEqual([2, expect.stringMatching(/TooFewSignatures/)]);
  for (const index of signers) expect(await bpciBeside('validators', 'sign', file, '--home', set.home(index))).toMatchObject({ code: 0, stderr: '' });
  return run('validators', 'submit', file, '--key', operatorKey());
}
const operatorKey = () => path.join(set.dataDir, 'keys', 'operator.key');
const passes = (index: number, blocks: number) =>
  until(`validator ${index} to answer`, () => set.status(index)).then(({ height }) => until(`validator ${index} to go on`, async () => (await set.status(index)).height >= height + blocks));

describe('a set that changes', () => {
  it('takes in a fifth, which needs stake and a quorum’s signatures, and then votes', async () => {
    const { index, file } = await set.addCandidate();
    set.start(index);
    const { ed25519PublicKey } = JSON.parse(readFileSync(file, 'utf8')) as NewValidator;
    await run('stake', 'bond', '--key', operatorKey(), '--account', ed25519PublicKey, '--name', 'validator-4', '--amount', '2000');
    expect(await change(['--add', file], [0, 1, 2])).toMatch(/5 validators sign: validator-4 come/);
    await until('the newcomer to vote', async () => (await set.status(4)).index === 4 && !(await set.status(4)).syncing);
    expect(await run('validators')).toMatch(/4 of 5(.|\n)*validator-4(.|\n)*in force/);
    // Of five, four decide: now it takes the newcomer.
    await set.kill('SIGKILL', 3);
    await passes(0, 4);
    set.start(3);
    await passes(3, 2);
  });

  it('parts from one, which goes on following', async () => {
    expect(await change(['--remove', 'validator-3'], [0, 1, 2, 3])).toMatch(/4 validators sign: validator-3 go/);
    await until('the one to be out', async () => (await set.status(3)).index === null);
    await passes(3, 4);
    expect((await set.status(4)).validators.map(({ address }) => address)).toEqual(['validator-0', 'validator-1', 'validator-2', 'validator-4']);
  });

  it('never stopped meanwhile, and lost nothing', async () => {
    loading = false;
    await load;
    expect(acknowledged.length).toBeGreaterThan(50);
    for (const index of set.all) for (const { id } of acknowledged.slice(-20)) await until(`${id} at ${index}`, () => set.get(index, `/v1/transactions/${id}`));
    for (const { id } of acknowledged) expect(await set.get(0, `/v1/transactions/${id}`)).toMatchObject({ result: { outcome: 'applied' } });
    // Not a speed: what a halt would be, in which the chain waits for somebody.
    expect(longestPauseMs).toBeLessThan(20_000);
  });

  it('is followed from the genesis by a client and by receipts, across both changes', async () => {
    const client = createChainClient({ endpoints: [0, 1, 2, 4].map((i) => set.endpoint(i)), genesis: set.genesis });
    await client.start();
    const { height } = client.head();
    await until('the client to see new blocks', async () => client.head().height > height);
    await client.stop();
    const last = acknowledged.at(-1)!;
    const bundle = await set.get<ReceiptBundle>(4, `/v1/receipts/${last.id}`);
    expect(verifyReceipt(bundle, { chainId: 'test-net', validatorSet: set.genesis.validatorSet })).toMatchObject({ ok: true });
    expect(bpci('replay', '--home', set.home(4))).toMatchObject({ code: 0 });
  });
});

// Blocks come in order, verified, once each, whatever the validator that is followed does.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FinalisedBlock } from '../types.js';
import { causeToLook } from './blockFollower.js';
import type { FakeValidator } from './testing/fakeValidator.js';
import { FakeNetwork } from './testing/network.js';
import { strangersChain } from './testing/strangers.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());

describe('blocks', () => {
  const collect = (client: { onBlock(listener: (block: FinalisedBlock) => void, from?: number): () => void }, from?: number) => {
    const heights: number[] = [];
    const stop = client.onBlock((block) => heights.push(block.header.height), from);
    return { heights, stop };
  };
  const heightsUpTo = (last: number, from = 1) => Array.from({ length: last - from + 1 }, (_, i) => from + i);

  it('come in order, from the next one or from a past height, once each', async () => {
    for (let i = 0; i < 6; i++) network.chain.commit({}, [network.chain.transaction('workload.put', { i })]);
    const client = await network.startedClient();
    const [live, past, later] = [collect(client), collect(client, 2), collect(client, 9)];
    for (let i = 0; i < 3; i++) network.chain.commit({}, [network.chain.transaction('node.report', { i })]);
    await expect.poll(() => [live.heights, past.heights, later.heights]).toEqual([[8, 9, 10], heightsUpTo(10, 2), [9, 10]]);
    live.stop();
    past.stop();
    network.chain.commit();
    await expect.poll(() => later.heights.at(-1)).toBe(11);
    expect([live.heights.at(-1), past.heights.at(-1)]).toEqual([10, 10]);
  });

  it('go on when a listener throws', async () => {
    const client = await network.startedClient();
    client.onBlock(() => {
      throw new Error('a bug of the listener');
    });
    const { heights } = collect(client);
    network.chain.commit();
    network.chain.commit();
    await expect.poll(() => heights).toEqual([2, 3]);
  });

  type Lie = (block: FinalisedBlock) => unknown;
  it.each<[string, Lie]>([
    ['a transaction put in', (block) => ({ ...block, transactions: [...block.transactions, 'x'] })],
    ['a transaction changed', (block) => ({ ...block, transactions: block.transactions.map((raw) => raw.replace('00', '01')) })],
    ['a receipt changed', (block) => ({ ...block, statements: block.statements.map((text) => text.replace('applied', 'refused')) })],
    ['the receipts left out', (block) => ({ ...block, statements: [] })],
    ['a header of its own', (block) => ({ ...block, header: { ...block.header, timestamp: block.header.timestamp + 1 } })],
    ['the certificate of another block', (block) => ({ ...block, certificate: network.chain.blocks[0]!.certificate })],
    ['a block of a chain of its own', () => strangersChain.blocks[1]],
    ['a later block', () => ({ ...network.chain.blocks.at(-1), header: { ...network.chain.blocks.at(-1)!.header, height: 77 } })],
    ['an old block, again and again', () => network.chain.blocks[0]],
    ['no block', () => 'nothing'],
  ])('are not taken from a stream with %s; another validator is followed', async (_name, lie) => {
    for (const liar of network.validators.slice(0, 3))
      liar.tamper = (answer, where) => (where === '/v1/events' ? lie(answer as FinalisedBlock) : answer);
    const client = await network.startedClient();
    const seen: FinalisedBlock[] = [];
    client.onBlock((block) => seen.push(block));
    for (let i = 0; i < 3; i++) network.chain.commit({ i }, [network.chain.transaction('node.report', { i })]);
    await expect.poll(() => seen, { timeout: 4_000 }).toEqual(network.chain.blocks.slice(1));
  });

  it('are fetched elsewhere when the followed validator keeps them back, though it is alive', async () => {
    const client = await network.startedClient();
    const { heights } = collect(client);
    const isFollowed = ({ requests }: FakeValidator) => requests.some((request) => request.includes('/v1/events'));
    await expect.poll(() => network.validators.filter(isFollowed)).toHaveLength(1);
    const followed = network.validators.find(isFollowed)!;
    followed.frozenAt = network.chain.height;
    network.chain.commit();
    network.chain.commit();
    await expect.poll(() => heights).toEqual([2, 3]);
  });

  it('are not waited for from a validator that only claims to be ahead', async () => {
    const client = await network.startedClient();
    for (const liar of network.validators.slice(1))
      liar.tamper = (answer, where) => (where === '/v1/status' ? { ...(answer as object), height: 1_000 } : answer);
    const streams = () => network.validators.flatMap(({ requests }) => requests).filter((request) => request.includes('/v1/events')).length;
    await expect.poll(streams).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(streams()).toBe(1);
    network.chain.commit();
    await expect.poll(() => client.head().height).toBe(2);
  });

  it('go on when validators are killed and restarted, one after another', async () => {
    const client = await network.startedClient();
    const { heights } = collect(client);
    for (const validator of network.validators) {
      await validator.stop();
      network.chain.commit();
      await expect.poll(() => heights.at(-1), { timeout: 4_000 }).toBe(network.chain.height);
      await validator.start();
    }
    expect(heights).toEqual(heightsUpTo(5, 2));
  });
});

describe('the other validators are asked for their heights', () => {
  const atRest = { waiting: false, silentMs: 2_000, ageMs: 2_000, passed: 3 };
  it.each([
    ['when a result is waited for', { ...atRest, waiting: true, silentMs: 0 }, true],
    ['when no block has come for longer than an empty one takes', { ...atRest, silentMs: 3_000 }, true],
    ['soon when blocks come and are old', { ...atRest, ageMs: 3_000, passed: 9 }, true],
    ['soon when blocks are of a time to come, for then this clock is behind', { ...atRest, ageMs: -3_000, passed: 9 }, true],
    ['now and then whatever comes, for this clock may be as wrong as the blocks are old', { ...atRest, passed: 59 }, true],
    ['not soon when blocks come and are new', { ...atRest, passed: 58 }, false],
    ['not while blocks come and nobody waits', atRest, false],
  ])('%s', (_, state, asked) => expect(causeToLook(state, { quietMs: 3_000 })).toBe(asked));

  it('so that one that keeps blocks back is left, though nobody waits for a result', async () => {
    const client = await network.startedClient({ timing: { watchMs: 5, quietMs: 600_000 } });
    const isFollowed = ({ requests }: FakeValidator) => requests.some((request) => request.includes('/v1/events'));
    await expect.poll(() => network.validators.filter(isFollowed)).toHaveLength(1);
    network.validators.find(isFollowed)!.frozenAt = network.chain.height;
    network.chain.commit();
    await expect.poll(() => client.head().height, { timeout: 10_000 }).toBe(network.chain.height);
  });
});

// State is believed with its proof under a certified header and not otherwise, whatever validators answer.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { strangersState } from './testing/strangers.js';
import { FakeNetwork } from './testing/network.js';

let network: FakeNetwork;
beforeEach(async () => {
  network = await new FakeNetwork().start();
});
afterEach(() => network.stop());
const code = (expected: string, message = /./) =>
  expect.objectContaining({ code: expected, message: expect.stringMatching(message) as string }) as Error;

describe('state', () => {
  it('is read with its proof: values and absence', async () => {
    network.chain.commit({ a: { n: 1 }, b: 'two' });
    const client = await network.startedClient();
    expect(await client.getState('a')).toEqual({ value: { n: 1 }, height: 2 });
    expect(await client.getState('nothing')).toEqual({ value: undefined, height: 2 });
  });

  it('waits for the height that is asked for', async () => {
    const client = await network.startedClient();
    const reading = client.getState('a', { minHeight: 3 });
    setTimeout(() => network.chain.commit({ a: 1 }), 30);
    setTimeout(() => network.chain.commit({ a: 2 }), 60);
    expect(await reading).toEqual({ value: 2, height: 3 });
    await expect(client.getState('a', { minHeight: 99, timeoutMs: 150 })).rejects.toThrow(code('Timeout', /height 3, 99 is needed/));
  });

  it('is listed in pages, in order', async () => {
    network.chain.commit({ 'node/a': 1, 'node/b': 2, 'node/c': 3, 'node/d': 4, 'node/e': 5, 'nodf/x': 6 });
    const client = await network.startedClient();
    expect((await client.listState('node/')).map(({ key, value }) => [key, value])).toEqual([
      ['node/a', 1],
      ['node/b', 2],
      ['node/c', 3],
      ['node/d', 4],
      ['node/e', 5],
    ]);
  });

  type Answer = Record<string, unknown>;
  const lies: [string, (answer: Answer, stale: Answer) => unknown][] = [
    ['another value', (answer) => ({ ...answer, value: '"other"' })],
    ['that there is nothing', (answer) => ({ ...answer, value: null })],
    ['no proof', (answer) => ({ ...answer, proof: {} })],
    ['the proof of another key', (answer) => ({ ...answer, proof: network.chain.snapshots.at(-1)!.tree.prove('b') })],
    ['the record of another key', (answer) => ({ ...answer, key: 'b', value: '"b"', proof: network.chain.snapshots.at(-1)!.tree.prove('b') })],
    ['a state root of its own', (answer) => ({ ...answer, header: { ...(answer.header as object), stateRoot: 'ab'.repeat(32) } })],
    ['what it was three blocks ago', (_answer, stale) => stale],
    ['the state of a chain of its own', () => strangersState('a')],
    ['half an answer', ({ header: _, ...rest }) => rest],
    ['something else', () => ['hello']],
    ['null', () => null],
  ];
  it.each(lies)('is not believed from a validator that answers %s', async (_name, lie) => {
    network.chain.commit({ a: 'old', b: 'b' });
    const { header, certificate, tree, records } = network.chain.snapshots.at(-1)!;
    const stale = { key: 'a', value: records.get('a'), proof: tree.prove('a'), header, certificate };
    for (let i = 0; i < 3; i++) network.chain.commit({ a: `new ${i}` });
    const client = await network.startedClient();
    for (const liar of network.validators.slice(0, 3))
      liar.tamper = (answer, where) => (where === '/v1/state' ? lie(answer as Answer, stale) : answer);
    for (let i = 0; i < 3; i++) expect(await client.getState('a')).toEqual({ value: 'new 2', height: 5 });
    network.validators[3]!.tamper = network.validators[0]!.tamper;
    await expect(client.getState('a', { timeoutMs: 100 })).rejects.toThrow(
      expect.objectContaining({ code: expect.stringMatching(/Unverified|Timeout/) as string }),
    );
  });

  it.each([
    ['a key of another prefix', (entries: object[]) => [{ ...entries[0], key: 'zzz' }, entries[1]]],
    ['a changed value', (entries: object[]) => [entries[0], { ...entries[1], value: '9' }]],
    ['the same page for ever', (entries: object[]) => [entries[1], entries[1]]],
  ])('is not believed from a list with %s', async (_name, change) => {
    network.chain.commit({ 'node/a': 1, 'node/b': 2 });
    const client = await network.startedClient();
    for (const liar of network.validators.slice(0, 3)) {
      liar.tamper = (answer, where) =>
        where === '/v1/state-list' ? { ...(answer as object), entries: change((answer as { entries: object[] }).entries) } : answer;
    }
    expect(await client.listState('node/')).toEqual([
      { key: 'node/a', value: 1 },
      { key: 'node/b', value: 2 },
    ]);
  });
});

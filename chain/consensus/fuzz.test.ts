// No message crashes the core: real ones with any part changed, cut or exchanged, and any JSON, at every stage of a height.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FUZZ_TIMEOUT_MS, fuzzing } from '../testing/fuzz.js';
import { TestNetwork } from './testing/testNetwork.js';
import { readMessage } from './messageShapes.js';
import { step } from './step.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Of a height decided in round 1 with a prepared block carried over: messages of all kinds, with all that they can show. */
function recorded(): { net: TestNetwork; messages: Json[] } {
  const net = new TestNetwork(4);
  net.lost = (_from, to, message) => message.payload.type === 'commit' || (to === 2 && message.payload.round === 0);
  net.start(1);
  net.fire('interval');
  net.fire('round');
  return { net, messages: [0, 1, 2, 3].flatMap((node) => net.sent(node)).map((message) => JSON.parse(JSON.stringify(message)) as Json) };
}
const { net, messages } = recorded();
const fresh = new TestNetwork(4);
fresh.start(1);
const states = [fresh, net].flatMap(({ nodes }) => nodes.map(({ state }) => state));

const wild = fc.oneof(
  fc.jsonValue() as fc.Arbitrary<Json>,
  fc.constantFrom<Json>(null, -1, 0, 1, 2 ** 32, 2 ** 53, 1e308, '', '00'.repeat(32), [], {}, 'proposal', 'roundChange'),
);
const turns = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });

/** The value with one place in it, chosen by the numbers, exchanged. */
function changed(value: Json, [turn = 0, ...rest]: number[], by: Json): Json {
  if (rest.length === 0 || typeof value !== 'object' || value === null) return by;
  if (Array.isArray(value)) return value.length === 0 ? [by] : value.map((item, i) => (i === turn % value.length ? changed(item, rest, by) : item));
  const keys = Object.keys(value);
  const key = keys[turn % Math.max(1, keys.length)];
  return key === undefined ? by : { ...value, [key]: changed(value[key]!, rest, by) };
}

it('knows every message that was sent as one', () => {
  expect(new Set(messages.map((message) => readMessage<unknown>(message)?.payload.type))).toEqual(
    new Set(['proposal', 'prepare', 'commit', 'roundChange']),
  );
});

it('takes real messages with a part changed, without ever throwing or deciding', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(7), turns, wild, (...[which, at, peer, where, by]) => {
      const message = changed(messages[which % messages.length]!, where, by);
      const { effects } = step(states[at % states.length]!, { type: 'Message', peer, message });
      expect(effects.map(({ type }) => type)).not.toContain('Commit');
    }),
    fuzzing(3_000),
  );
}, FUZZ_TIMEOUT_MS);

it('takes any JSON', () => {
  fc.assert(
    fc.property(wild, fc.nat(7), (message, peer) => {
      for (const state of states) expect(step(state, { type: 'Message', peer, message }).effects).toEqual([]);
    }),
    fuzzing(1_000),
  );
}, FUZZ_TIMEOUT_MS);

it('the node and its commands cannot set a deliberate fault', () => {
  const root = path.join(import.meta.dirname, '../..');
  const files = ['chain/node', 'cli'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => path.join(root, folder, name)),
  );
  const sources = files.filter((file) => file.endsWith('.ts'));
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((file) => /\bflaws\b|\bFlaw\b/.test(readFileSync(file, 'utf8')))).toEqual([]);
});

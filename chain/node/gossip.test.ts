// Who is told of a transaction, when; what is asked for and sent; and that one message never exceeds what a link carries.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sha256Hex } from '../../crypto/hash.js';
import { Gossip } from './gossip.js';
import { MAX_MESSAGE_BYTES } from './links/channels.js';
import type { Waiting } from './mempool.js';
import { decodePeerMessage } from './peerMessages.js';

const [a, b, c] = ['a', 'b', 'c'].map(sha256Hex) as [string, string, string];
const entry = (id: string, bytes = 10): Waiting => ({ id, raw: id.padEnd(bytes, '"'), leaf: id, sender: 's', validUntil: 1, patient: false, since: 0, bytes, own: true, durable: Promise.resolve() });

function start({ executed = [], here = [] }: { executed?: string[]; here?: Waiting[] } = {}) {
  const told: [peer: number, type: string, what: string[]][] = [];
  let largest = 0;
  const waiting = new Map(here.map((one) => [one.id, one]));
  const gossip = new Gossip({
    proposers: () => [1],
    others: () => [1, 2],
    waiting: (id) => (executed.includes(id) ? undefined : (waiting.get(id) ?? entry(id))),
    isKnown: (id) => executed.includes(id) || waiting.has(id),
    send: (peer, message) => {
      largest = Math.max(largest, message.length);
      const { type, ...rest } = decodePeerMessage(message) as unknown as { type: string; ids?: string[]; transactions?: string[] };
      told.push([peer, type, rest.ids ?? rest.transactions!]);
    },
  });
  return { gossip, told, waiting, largest: () => largest };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Gossip', () => {
  it('announces to the next proposers what is in no block after a moment, together, and to everybody what waits for long', () => {
    const executed = [b];
    const { gossip, told } = start({ executed });
    const d = sha256Hex('d');
    for (const id of [a, b, d]) gossip.add(id);
    vi.advanceTimersByTime(40);
    expect(told).toEqual([[1, 'announce', [a, d]]]);
    vi.advanceTimersByTime(500);
    executed.push(d);
    gossip.add(c);
    vi.advanceTimersByTime(2_000);
    expect(told.slice(1)).toEqual([[1, 'announce', [c]], [1, 'announce', [a]], [2, 'announce', [a]], [1, 'announce', [c]], [2, 'announce', [c]]]); // prettier-ignore
  });

  it('asks who announced it for what has not come by itself, once', () => {
    const { gossip, told, waiting } = start({ executed: [c] });
    gossip.announced(3, [a, b, c]);
    gossip.announced(4, [a]);
    waiting.set(b, entry(b));
    vi.advanceTimersByTime(100);
    expect(told).toEqual([[4, 'wanted', [a]]]);
  });

  it('sends what is asked for and waits here, in messages that a link carries, in order', () => {
    const ids = Array.from({ length: 30 }, (_, i) => sha256Hex(String(i)));
    const { gossip, told, largest } = start({ here: ids.map((id) => entry(id, 250_000)), executed: [a] });
    gossip.wanted(3, [a, ...ids]);
    expect(told.flatMap(([, , raws]) => raws.map((raw) => raw.slice(0, 64)))).toEqual(ids);
    expect(told.every(([peer, type]) => peer === 3 && type === 'transactions')).toBe(true);
    expect(largest()).toBeLessThan(MAX_MESSAGE_BYTES);
  });
});

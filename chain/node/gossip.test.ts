// Who is told of a transaction, when, and that one message never exceeds what a link carries.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Gossip } from './gossip.js';
import { MAX_MESSAGE_BYTES } from './links/channels.js';
import type { Waiting } from './mempool.js';
import { decodePeerMessage } from './peerMessages.js';

const entry = (id: string, bytes = 10): Waiting => ({ id, raw: id.padEnd(bytes, '"'), sender: 's', validUntil: 1, bytes, own: true, durable: Promise.resolve() });

function start(executed: string[] = []) {
  const told: [peer: number, transactions: string[], bytes: number][] = [];
  const gossip = new Gossip({
    proposers: () => [1],
    others: () => [1, 2],
    isWaiting: (id) => !executed.includes(id),
    send: (peer, message) => told.push([peer, (decodePeerMessage(message) as unknown as { transactions: string[] }).transactions.map((raw) => raw[0]!), message.length]),
  });
  return { gossip, told };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('Gossip', () => {
  it('tells the next proposers at once, together, and everybody later what is still waiting then', () => {
    const { gossip, told } = start(['b']);
    gossip.add(entry('a'));
    gossip.add(entry('b'));
    vi.advanceTimersByTime(2);
    expect(told.map(([peer, transactions]) => [peer, transactions])).toEqual([[1, ['a', 'b']]]);
    gossip.add(entry('c'));
    vi.advanceTimersByTime(400);
    expect(told.slice(1).map(([peer, transactions]) => [peer, transactions])).toEqual([[1, ['c']], [1, ['a']], [2, ['a']], [1, ['c']], [2, ['c']]]); // prettier-ignore
  });

  it('cuts what is much into messages that a link carries, in order', () => {
    const { gossip, told } = start();
    const raws = Array.from({ length: 30 }, (_, i) => entry(String.fromCharCode(97 + i), 250_000).raw);
    gossip.greet(3, raws);
    expect(told.flatMap(([, transactions]) => transactions)).toEqual(raws.map((raw) => raw[0]));
    expect(Math.max(...told.map(([, , bytes]) => bytes))).toBeLessThan(MAX_MESSAGE_BYTES);
  });
});

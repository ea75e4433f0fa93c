// A block that travels compact arrives as it was, from what the receiver has and what it fetches; nothing else is ever put into it.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toHex } from '../../crypto/encoding.js';
import { leafHashOfText, merkleRoot } from '../../receipts/merkle/treeHash.js';
import type { ProposalMessage } from '../consensus/types.js';
import type { Block } from '../types.js';
import { CompactBlocks } from './compactBlocks.js';
import { Mempool } from './mempool.js';
import { decodePeerMessage, encodePeerMessage } from './peerMessages.js';

const leafOf = (raw: string): string => toHex(leafHashOfText(raw));

function node() {
  const pool = new Mempool();
  const complete: unknown[] = [];
  const sent: Uint8Array[] = [];
  const compact = new CompactBlocks(pool, leafHashOfText, { complete: (_, message) => complete.push(message), send: (_, message) => sent.push(message) });
  const has = (raw: string) => pool.add({ id: raw, raw, leaf: leafOf(raw), sender: 's', validUntil: 1, patient: false, since: 0, bytes: raw.length, own: true, durable: Promise.resolve() });
  return { compact, complete, sent, has };
}
type Node = ReturnType<typeof node>;

function proposal(transactions: string[]): ProposalMessage<Block> {
  const header = { transactionsRoot: toHex(merkleRoot(transactions.map(leafHashOfText))) } as Block['header'];
  const payload = { type: 'proposal', height: 1, round: 0, digest: 'ab' } as const;
  return { from: 0, payload, signature: '', block: { header, transactions }, justification: { roundChanges: [], prepares: [] } };
}

/** Delivers what a message asks of the other end, as PeerDialogue does. */
function deliver(to: Node, bytes: Uint8Array): void {
  const message = decodePeerMessage(bytes);
  if (message.type === 'compact') to.compact.received(7, message.message, message.leaves);
  if (message.type === 'getBodies') to.compact.answer(7, message.leaves);
  if (message.type === 'bodies') to.compact.bodies(7, message.transactions);
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('CompactBlocks', () => {
  const raws = ['{"a":1}', '{"b":2}', '{"c":3}'];

  it('is complete at once where everything is known, and carries no transaction', () => {
    const [from, to] = [node(), node()];
    raws.forEach(to.has);
    const bytes = from.compact.encode(proposal(raws));
    expect(Buffer.from(bytes).toString()).not.toContain('{\\"a');
    deliver(to, bytes);
    expect(to.complete).toEqual([JSON.parse(JSON.stringify(proposal(raws)))]);
  });

  it('waits a moment for what is on its way, then fetches what is lacking', () => {
    const [from, to] = [node(), node()];
    to.has(raws[1]!);
    deliver(to, from.compact.encode(proposal(raws)));
    expect(to.sent).toEqual([]);
    to.has(raws[0]!);
    vi.advanceTimersByTime(10);
    expect(decodePeerMessage(to.sent[0]!)).toMatchObject({ type: 'getBodies', leaves: [leafOf(raws[2]!)] });
    deliver(from, to.sent[0]!);
    deliver(to, from.sent[0]!);
    expect(to.complete).toEqual([JSON.parse(JSON.stringify(proposal(raws)))]);
  });

  it('asks again for what did not fit one answer, and not for ever of one that does not answer', () => {
    const large = Array.from({ length: 8 }, (_, i) => `"${String(i).repeat(200_000)}"`);
    const [from, to] = [node(), node()];
    deliver(to, from.compact.encode(proposal(large)));
    vi.advanceTimersByTime(10);
    for (let i = 0; i < to.sent.length && i < 10; i++) {
      deliver(from, to.sent[i]!);
      if (from.sent[i]) deliver(to, from.sent[i]!);
    }
    expect(to.complete).toHaveLength(1);
    expect(to.sent.length).toBe(2);
    deliver(to, from.compact.encode(proposal(['"lost"'])));
    vi.advanceTimersByTime(10);
    deliver(to, encodePeerMessage('bodies', { transactions: ['"something else"'] }));
    expect(to.complete).toHaveLength(1);
    expect(to.sent.length).toBe(3);
  });

  it('takes no leaves that are not those of the header, and no garbage', () => {
    const to = node();
    raws.forEach(to.has);
    const { block, ...rest } = proposal(raws);
    to.compact.received(7, { ...rest, block: { header: block.header } }, raws.slice(1).map(leafOf));
    for (const garbage of [null, 1, {}, { block: null }, { block: { header: null } }, { block: { header: { transactionsRoot: 5 } } }]) to.compact.received(7, garbage, []);
    vi.advanceTimersByTime(10);
    expect([to.complete, to.sent]).toEqual([[], []]);
  });

  it('sends votes and round changes without a block as they are', () => {
    const { compact } = node();
    const roundChange = { from: 1, payload: { type: 'roundChange', height: 1, round: 1, preparedRound: null, preparedDigest: null }, signature: '', prepares: [], block: null } as const;
    expect(decodePeerMessage(compact.encode({ ...roundChange, prepares: [] }))).toEqual({ type: 'consensus', message: roundChange });
  });
});

// What other validators send is checked before anything is done with it, and answered within a message's size.
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fromUtf8, utf8 } from '../../crypto/encoding.js';
import { MAX_MESSAGE_BYTES } from './links/channels.js';
import { PeerDialogue } from './peerDialogue.js';
import { decodePeerMessage, encodePeerMessage, type SyncBlock } from './peerMessages.js';
import { SnapshotFiles } from './snapshot/snapshotFiles.js';
import type { BlockStore } from './storage/blockStore.js';

const header = { version: 1, chainId: 'c', height: 1, timestamp: 1, previousHash: '00'.repeat(32), transactionsRoot: '00'.repeat(32), stateRoot: '00'.repeat(32), logSize: 0, logRoot: '00'.repeat(32), validatorsHash: '00'.repeat(32), nextValidatorsHash: '00'.repeat(32), proposer: 0 } as const; // prettier-ignore
const certificate = { height: 1, round: 0, blockHash: '00'.repeat(32), signers: '0f', signature: '00'.repeat(96) };
const blockOf = (height: number, bytes: number): SyncBlock => ({ header: { ...header, height }, certificate, transactions: bytes === 0 ? [] : Array.from({ length: Math.ceil(bytes / 1_000) }, () => '"'.repeat(1_000)) });

function start(sizes: number[]) {
  const heard: string[] = [];
  const told: string[] = [];
  const answers: SyncBlock[][] = [];
  const store = { block: (height: number) => (sizes[height - 1] === undefined ? undefined : blockOf(height, sizes[height - 1]!)) } as unknown as BlockStore;
  const dialogue = new PeerDialogue(store, new SnapshotFiles('/nowhere'), {
    heard: () => undefined,
    consensus: () => heard.push('consensus'),
    compact: (_, __, leaves) => heard.push(`compact ${leaves.length}`),
    getBodies: (from, leaves) => heard.push(`getBodies ${from} ${leaves.length}`),
    bodies: (_, list) => heard.push(`bodies ${list.length}`),
    announce: (from, ids) => heard.push(`announce ${from} ${ids.length}`),
    wanted: (from, ids) => heard.push(`wanted ${from} ${ids.length}`),
    transactions: (list) => heard.push(`transactions ${list.length}`),
    status: (from, height) => heard.push(`status ${from} ${height}`),
    blocks: (_, blocks) => heard.push(`blocks ${blocks.length}`),
    cosignature: (_, { height }) => heard.push(`cosignature ${height}`),
    snapshot: (_, manifest) => heard.push(`snapshot ${manifest}`),
    part: (_, height, index, records) => heard.push(`part ${height} ${index} ${JSON.stringify(records)}`),
    receiptOf: (id) => {
      if (id === 'ee'.repeat(32)) throw new Error('not kept any more');
      return id === 'aa'.repeat(32) ? { version: 1 } : undefined;
    },
    verify: (from, bundle) => (from === 9 ? undefined : bundle === null),
    verified: (from, id, ok) => heard.push(`verified ${from} ${id.slice(0, 2)} ${ok}`),
    receipt: (from, id, bundle) => heard.push(`receipt ${from} ${id.slice(0, 2)} ${JSON.stringify(bundle)}`),
    failed: (error) => heard.push(`failed ${String(error)}`),
    answer: (_, message) => {
      told.push(fromUtf8(message));
      expect(message.length).toBeLessThanOrEqual(MAX_MESSAGE_BYTES);
      answers.push((decodePeerMessage(message) as { blocks?: SyncBlock[] }).blocks ?? []);
    },
    malformed: (from, reason) => heard.push(`malformed ${from} ${reason}`),
  });
  return { dialogue, heard, answers, told };
}

describe('PeerDialogue', () => {
  it.each([
    ['all there is', [0, 0, 0], 2, 64, [2, 3]],
    ['at most as many as asked for', [0, 0, 0], 1, 2, [1, 2]],
    ['nothing beyond the head', [0], 2, 64, []],
    ['as many as fit a message', [900_000, 500_000, 500_000], 1, 64, [1, 2]],
    ['one that fills it alone', [2_000_000, 10], 1, 64, [1]],
  ])('answers a request for blocks with %s', (_, sizes, from, limit, heights) => {
    const { dialogue, answers } = start(sizes);
    dialogue.received(1, encodePeerMessage('getBlocks', { from, limit }));
    expect(answers.map((blocks) => blocks.map((block) => block.header.height))).toEqual([heights]);
  });

  it.each([
    ['status', encodePeerMessage('status', { height: 7 }), 'status 1 7'],
    ['transactions', encodePeerMessage('transactions', { transactions: ['{}'] }), 'transactions 1'],
    ['a compact message', encodePeerMessage('compact', { message: {}, leaves: ['00'.repeat(32)] }), 'compact 1'],
    ['a request for bodies', encodePeerMessage('getBodies', { leaves: ['00'.repeat(32)] }), 'getBodies 1 1'],
    ['bodies', encodePeerMessage('bodies', { transactions: ['{}'] }), 'bodies 1'],
    ['announcements', encodePeerMessage('announce', { ids: ['00'.repeat(32)] }), 'announce 1 1'],
    ['a wish', encodePeerMessage('wanted', { ids: ['00'.repeat(32)] }), 'wanted 1 1'],
    ['an id that is none', utf8('{"type":"announce","ids":["00"]}'), 'malformed 1 announce.ids[0] is "00", expected 32 bytes of lower-case hex'],
    ['blocks', encodePeerMessage('blocks', { blocks: [blockOf(1, 0)] }), 'blocks 1'],
    ['cosignature', encodePeerMessage('cosignature', { height: 7, logSize: 1, logRoot: 'aa'.repeat(32), line: '— a b' }), 'cosignature 7'],
    ['a snapshot', encodePeerMessage('snapshot', { manifest: null }), 'snapshot null'],
    ['a receipt', encodePeerMessage('receipt', { id: 'aa'.repeat(32), bundle: null }), 'receipt 1 aa null'],
    ['whether a receipt is good', encodePeerMessage('verified', { id: 'aa'.repeat(32), ok: false }), 'verified 1 aa false'],
    ['no answer to that', utf8(`{"type":"verified","id":"${'aa'.repeat(32)}","ok":1}`), 'malformed 1 verified.ok is 1, expected true or false'],
    ['a part of one', encodePeerMessage('part', { height: 7, index: 0, records: [['a', 'b']] }), 'part 7 0 [["a","b"]]'],
    ['a request for a part that cannot be', utf8('{"type":"getPart","height":1,"depth":99,"index":0}'), 'malformed 1 getPart.depth is 99, expected an integer from 0 to 12'],
    ['consensus', encodePeerMessage('consensus', { message: { anything: true } }), 'consensus'],
    ['no JSON', Uint8Array.of(0xff), 'malformed 1 the message is no JSON'],
    ['no type', utf8('{}'), 'malformed 1 the message has no known type'],
    ['a type of Object.prototype', utf8('{"type":"toString"}'), 'malformed 1 the message has no known type'],
    ['a negative height', utf8('{"type":"status","height":-1}'), 'malformed 1 status.height is -1, expected an integer from 0 to 9007199254740991'],
    ['too many blocks asked for', utf8('{"type":"getBlocks","from":1,"limit":65}'), 'malformed 1 getBlocks.limit is 65, expected an integer from 1 to 64'],
  ])('hears %s', (_, bytes, expected) => {
    const { dialogue, heard } = start([]);
    dialogue.received(1, bytes);
    expect(heard).toEqual([expected]);
  });

  it.each([
    ['a snapshot', encodePeerMessage('getSnapshot', {}), '{"type":"snapshot","manifest":null}'],
    ['a part', encodePeerMessage('getPart', { height: 7, depth: 0, index: 0 }), '{"type":"part","height":7,"index":0,"records":null}'],
  ])('says that it has none when asked for %s', async (_, question, answer) => {
    const { dialogue, told } = start([]);
    dialogue.received(1, question);
    await vi.waitFor(() => expect(told).toEqual([answer]));
  });

  it.each([
    ['one', 'aa', '{"version":1}', []],
    ['none', 'bb', 'null', []],
    ['one that is not kept any more', 'ee', 'null', ['failed Error: not kept any more']],
  ])('answers a question for a receipt with %s', (_, byte, bundle, said) => {
    const { dialogue, told, heard } = start([]);
    dialogue.received(1, encodePeerMessage('getReceipt', { id: byte.repeat(32) }));
    expect([told, heard]).toEqual([[`{"type":"receipt","id":"${byte.repeat(32)}","bundle":${bundle}}`], said]);
  });

  it.each([[1, null, ['{"type":"verified","id":"ID","ok":true}']], [1, {}, ['{"type":"verified","id":"ID","ok":false}']], [9, null, []]])('says to %s whether %j is a good receipt', (from, bundle, answers) => {
    const { dialogue, told } = start([]);
    const id = 'aa'.repeat(32);
    dialogue.received(from, encodePeerMessage('verify', { id, bundle }));
    expect(told).toEqual(answers.map((answer) => answer.replace('ID', id)));
  });

  it('never throws, whatever the bytes', () => {
    const { dialogue } = start([0]);
    fc.assert(fc.property(fc.oneof(fc.uint8Array(), fc.json().map(utf8)), (bytes) => void dialogue.received(1, bytes)));
  });
});

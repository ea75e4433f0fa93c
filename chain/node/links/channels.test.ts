// Messages arrive whole and in order within their channel, votes before blocks, and garbage never makes the reader throw anything but a LinkError.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANNELS, MAX_MESSAGE_BYTES, MAX_PART_BYTES, Reassembler, SendQueue, type Channel } from './channels.js';
import { LinkError } from './linkError.js';
import { frameRecord, RecordReader } from './recordReader.js';

const drain = (queue: SendQueue): Buffer[] => {
  const records: Buffer[] = [];
  for (let record = queue.next(); record; record = queue.next()) records.push(record);
  return records;
};
const arrivals = (records: Buffer[]) => {
  const reassembler = new Reassembler();
  return records.flatMap((record) => reassembler.push(record) ?? []);
};

describe('SendQueue and Reassembler', () => {
  it('carry every message unchanged, in order per channel', () => {
    const message = fc.record({ channel: fc.constantFrom(...CHANNELS), size: fc.integer({ min: 1, max: 3 * MAX_PART_BYTES }), fill: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (messages) => {
        const queue = new SendQueue();
        for (const { channel, size, fill } of messages) queue.push(channel, new Uint8Array(size).fill(fill));
        const got = arrivals(drain(queue));
        for (const channel of CHANNELS) {
          const sizes = (list: { channel: Channel; size: number }[]) => list.filter((m) => m.channel === channel).map((m) => m.size);
          expect(sizes(got.map((m) => ({ channel: m.channel, size: m.message.length })))).toEqual(sizes(messages));
        }
        expect(queue.waitingBytes).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('lets a vote overtake a block that is half sent', () => {
    const queue = new SendQueue();
    queue.push('blocks', new Uint8Array(3 * MAX_PART_BYTES));
    const first = queue.next()!;
    queue.push('votes', new Uint8Array([7]));
    expect(arrivals([first, ...drain(queue)]).map(({ channel }) => channel)).toEqual(['votes', 'blocks']);
  });

  it('drops the oldest message that has not begun when a channel is full', () => {
    const queue = new SendQueue(2.5 * MAX_PART_BYTES);
    queue.push('bulk', new Uint8Array(MAX_PART_BYTES + 1).fill(1));
    const begun = queue.next()!;
    for (const fill of [2, 3]) queue.push('bulk', new Uint8Array(MAX_PART_BYTES).fill(fill));
    expect(queue.dropped).toBe(1);
    expect(arrivals([begun, ...drain(queue)]).map(({ message }) => message[0])).toEqual([1, 3]);
  });

  it('refuses messages without content and beyond the limit', () => {
    const queue = new SendQueue();
    expect(() => queue.push('bulk', new Uint8Array(0))).toThrow(LinkError);
    expect(() => queue.push('bulk', new Uint8Array(MAX_MESSAGE_BYTES + 1))).toThrow(/4194305 bytes/);
    const endless = new Reassembler();
    const part = new Uint8Array(1 + MAX_PART_BYTES);
    expect(() => Array.from({ length: 200 }, () => endless.push(part))).toThrow(/more than 4194304 bytes/);
  });
});

describe('RecordReader', () => {
  it('cuts any chunking of the stream into the same records', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 10 }), fc.array(fc.integer({ min: 1, max: 50 })), (records, cuts) => {
        const stream = Buffer.concat(records.map(frameRecord));
        const reader = new RecordReader();
        const got: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const size = cuts.length === 0 ? stream.length : cuts[i % cuts.length]!;
          got.push(...reader.push(stream.subarray(at, at + size)));
          at += size;
        }
        expect(got.map((b) => b.toString('hex'))).toEqual(records.map((b) => Buffer.from(b).toString('hex')));
      }),
    );
  });
});

// Events come out of the stream the same, however it is cut into pieces.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser } from './sseParser.js';

const stream =
  ': blocks\n\nevent: block\nid: 1\ndata: {"a":1}\n\n: alive\n\ndata:plain\ndata: second\n\nevent: other\n\nevent: block\nid: 2\ndata: {"b":"ü"}\n\n';
const events = [
  { event: 'block', data: '{"a":1}' },
  { event: 'message', data: 'plain\nsecond' },
  { event: 'block', data: '{"b":"ü"}' },
];

describe('SseParser', () => {
  it('does not care where the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 30 }), (cuts) => {
        const parser = new SseParser(1_000);
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        expect(places.slice(1).flatMap((end, i) => parser.push(stream.slice(places[i], end)))).toEqual(events);
      }),
    );
  });

  it('keeps nothing that is longer than allowed', () => {
    const parser = new SseParser(10);
    expect(parser.push('data: 1\n\ndata: 2\n\n')).toHaveLength(2);
    expect(() => parser.push('data: 12345678')).toThrow(expect.objectContaining({ code: 'EventTooLarge' }));
  });
});

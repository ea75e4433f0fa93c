// Codecs: exactly one accepted form for each byte string.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CodecError, concatBytes, equalBytes, fromBase64, fromHex, fromUtf8, isHex, toBase64, toHex, u32be, u64be, utf8 } from './encoding.js';

describe('encoding', () => {
  it.each([
    ['upper case', 'AB', 'BadHex', /character "A" at 0/],
    ['prefix', '0xab', 'BadHex', /character "x" at 1/],
    ['odd length', 'abc', 'BadHex', /3 digits/],
    ['blank', 'ab ', 'BadHex', /character " " at 2/],
    ['line end', 'ab\n', 'BadHex', /at 2/],
  ])('fromHex refuses %s', (_name, text, code, message) => {
    expect(() => fromHex(text)).toThrow(message);
    expect(() => fromHex(text)).toThrow(expect.objectContaining({ name: 'CodecError', code }));
    expect(isHex(text, 1)).toBe(false);
  });

  it('fromHex holds to an expected length', () => {
    expect(fromHex('00ff', 2)).toEqual(Uint8Array.of(0, 255));
    expect(() => fromHex('00ff', 3)).toThrow(/2 bytes, expected 3/);
    expect(() => fromHex(7 as unknown as string)).toThrow(CodecError);
  });

  it.each([
    ['missing padding', 'YQ'],
    ['stray bits', 'YR=='],
    ['URL alphabet', '-_-_'],
    ['blank', 'YWJj '],
    ['line break', 'YWJj\n'],
  ])('fromBase64 refuses %s', (_name, text) => {
    expect(() => fromBase64(text)).toThrow(expect.objectContaining({ code: 'BadBase64' }));
  });

  it('round trips', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(fromHex(toHex(a))).toEqual(a);
        expect(fromBase64(toBase64(a))).toEqual(a);
        expect(toHex(concatBytes(a, b))).toBe(toHex(a) + toHex(b));
        expect(equalBytes(a, b)).toBe(toHex(a) === toHex(b));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text);
      }),
    );
  });

  it('refuses malformed UTF-8 and keeps a byte order mark', () => {
    expect(() => fromUtf8(Uint8Array.of(0xff))).toThrow(expect.objectContaining({ code: 'BadUtf8' }));
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  it('writes integers big-endian', () => {
    expect(toHex(u64be(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff');
    expect(toHex(u32be(258))).toBe('00000102');
  });
});

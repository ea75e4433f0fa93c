// Canonical JSON: RFC 8785's order and escapes, and refusal of what has no exact form.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import canonicalizeModule from 'canonicalize';
import { canonicalJson, CanonicalJsonError, isCanonicalJson, sha256OfJson } from './canonicalJson.js';

const library = canonicalizeModule as unknown as (value: unknown) => string;

describe('canonicalJson', () => {
  it('sorts by UTF-16 code units as RFC 8785 section 3.2.3 shows', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Smiley',
      '\u0080': 'Control',
      '\u00f6': 'o',
    };
    expect(Object.keys(JSON.parse(canonicalJson(value)) as object)).toHaveLength(7);
    expect(canonicalJson(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","\u00f6":"o","\u20ac":"Euro Sign","\ud83d\ude00":"Smiley","\ufb33":"Hebrew"}',
    );
  });

  it('escapes as RFC 8785 section 3.2.2.2 says', () => {
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
  });

  it('leaves out undefined members', () => {
    expect(canonicalJson({ b: undefined, a: [null, true] })).toBe('{"a":[null,true]}');
  });

  it.each([
    ['undefined', undefined, 'Undefined', '$'],
    ['undefined in an array', { a: [1, undefined] }, 'Undefined', '$.a[1]'],
    ['a hole in an array', [, 1], 'Undefined', '$[0]'],
    ['NaN', { a: NaN }, 'NotAnInteger', '$.a'],
    ['infinity', [Infinity], 'NotAnInteger', '$[0]'],
    ['a fraction', { a: { b: 0.5 } }, 'NotAnInteger', '$.a.b'],
    ['an unsafe integer', 2 ** 53, 'NotAnInteger', '$'],
    ['bigint', [1n], 'NotPlain', '$[0]'],
    ['a function', { f: () => 1 }, 'NotPlain', '$.f'],
    ['a date', { at: new Date(0) }, 'NotPlain', '$.at'],
    ['a map', new Map(), 'NotPlain', '$'],
    ['bytes', { b: new Uint8Array(1) }, 'NotPlain', '$.b'],
    ['a lone surrogate', { s: '\ud800' }, 'LoneSurrogate', '$.s'],
    ['a lone surrogate in a key', { '\udc00': 1 }, 'LoneSurrogate', '$'],
  ])('refuses %s', (_name, value, code, path) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ name: 'CanonicalJsonError', code, path }));
  });

  it('is what the library writes, whatever the order of members, and is told from what is not canonical', () => {
    const names = fc.oneof(fc.string(), fc.constantFrom('a', 'b', '1', '10', '9', '', '__proto__', 'toJSON', 'é'));
    const { tree } = fc.letrec((tie) => ({
      leaf: fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
      tree: fc.oneof({ maxDepth: 4 }, tie('leaf'), fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(names, tie('tree'), { maxKeys: 5, noNullPrototype: true })),
    }));
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(text).toBe(library(value));
        expect(isCanonicalJson(text, JSON.parse(text))).toBe(true);
        const loose = JSON.stringify(value, undefined, 1);
        expect(isCanonicalJson(loose, JSON.parse(loose))).toBe(loose === text);
        const plain = JSON.stringify(value);
        expect(isCanonicalJson(plain, JSON.parse(plain))).toBe(plain === text);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses nesting that would exhaust the stack', () => {
    const deep = JSON.parse('['.repeat(5000) + ']'.repeat(5000)) as unknown;
    expect(() => canonicalJson(deep)).toThrow(CanonicalJsonError);
    expect(() => canonicalJson(deep)).toThrow(/more than 128 levels/);
  });

  it('does not depend on the order of members and survives a round trip', () => {
    const leaf = fc.oneof(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }), fc.boolean(), fc.constant(null));
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('node'), { maxKeys: 4 }),
      ),
    })).node;
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (value === null || typeof value !== 'object') return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, member]) => [key, reversed(member)]),
      );
    };
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
        expect(sha256OfJson(reversed(value))).toBe(sha256OfJson(value));
      }),
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../crypto/canonicalJson.js';
import { firstDifference, sameJson } from './firstDifference.js';

const leaf = fc.oneof(fc.constantFrom<unknown>(null, true, false, 0, 1, '', 'a'), fc.nat(3));
const value = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'constructor'), fc.oneof(tie('json'), fc.constant(undefined)), { maxKeys: 3, noNullPrototype: true }),
  ),
})).json;

const at = (json: unknown, path: string) =>
  [...path.matchAll(/[.[]([^.[\]]+)/g)].reduce<unknown>((inner, [, name]) => {
    const holder = inner as Record<string, unknown> | undefined | null;
    return typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name!) ? holder[name!] : undefined;
  }, json);
const text = (json: unknown) => (json === undefined ? undefined : canonicalJson(json));

describe('sameJson and firstDifference', () => {
  it('agree with canonical JSON, and the path leads to a difference', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        const same = canonicalJson(a) === canonicalJson(b);
        expect(sameJson(a, b)).toBe(same);
        const path = firstDifference(a, b, '$');
        expect(path === undefined).toBe(same);
        if (path !== undefined) expect(text(at(a, path))).not.toBe(text(at(b, path)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, '$.a[1].b'],
    [{ b: 1, a: 1 }, { b: 2, a: 2 }, '$.a'],
    [{ a: 1 }, {}, '$.a'],
    [[1], [1, 2], '$[1]'],
    [{ a: undefined }, {}, undefined],
    [[], {}, '$'],
  ])('of %j and %j: %s', (a, b, path) => {
    expect(firstDifference(a, b, '$')).toBe(path);
  });
});

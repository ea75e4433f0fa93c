// Statements: the same bytes from the same facts, and nothing that a log entry cannot hold.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../crypto/encoding.js';
import { leafHash } from '../merkle/treeHash.js';
import { testFacts } from '../testing/testReceipts.js';
import { buildStatement, cutText } from './buildStatement.js';

describe('buildStatement', () => {
  it('is an in-toto statement in canonical JSON whose leaf is those bytes', () => {
    const { statement, payload, leafHash: leaf } = buildStatement(testFacts(3));
    expect(payload).toBe(
      '{"_type":"https://in-toto.io/Statement/v1","predicate":{"actor":"abababababababababababababababababababababababababababababababab","blockHeight":7,"chainId":"enc-test","code":"RegionForbidden","details":{"light":"Red","rules":["eu-only"]},"immutable":true,"index":3,"object":{"kind":"Pod","name":"cart-3","namespace":"shop","uid":"uid-3"},"operationHash":"6f81c17a25b9d9e4e6f96f4d7c9a3ac97dae4f9a6c19a2b8d0bcb5f8da6fa0b1","operationId":"00000000-0000-4000-8000-000000000003","operationType":"admission.verdict","outcome":"refused","reason":"policy eu-only, clause 3: data of class Restricted stays in the EU (GDPR)","receiptId":"6f81c17a25b9d9e4e6f96f4d7c9a3ac97dae4f9a6c19a2b8d0bcb5f8da6fa0b1","resourceUsage":null,"timestamp":1790000000000},"predicateType":"https://enc.metanode.io/receipt/v1","subject":[{"digest":{"sha256":"6f81c17a25b9d9e4e6f96f4d7c9a3ac97dae4f9a6c19a2b8d0bcb5f8da6fa0b1"},"name":"Pod/shop/cart-3"}]}'.replaceAll(
        '6f81c17a25b9d9e4e6f96f4d7c9a3ac97dae4f9a6c19a2b8d0bcb5f8da6fa0b1',
        testFacts(3).operationHash,
      ),
    );
    expect(JSON.parse(payload)).toEqual(statement);
    expect(toHex(leaf)).toBe(toHex(leafHash(utf8(payload))));
  });

  it('does not depend on the order or presence of undefined members', () => {
    const facts = testFacts(1);
    const reversed = Object.fromEntries(Object.entries(facts).reverse()) as typeof facts;
    expect(buildStatement({ ...reversed, resourceUsage: null }).payload).toBe(buildStatement(facts).payload);
    expect(buildStatement({ ...facts, details: undefined }).payload).not.toContain('details');
  });

  it.each([
    [undefined, 'operation/00000000-0000-4000-8000-000000000001'],
    [{ kind: 'EncCluster', name: 'main' }, 'EncCluster/main'],
    [{ kind: 'EncCluster', namespace: '', name: 'main' }, 'EncCluster/main'],
    [{ kind: 'Pod', namespace: 'shop', name: 'cart' }, 'Pod/shop/cart'],
  ])('names its subject %#', (object, name) => {
    expect(buildStatement(testFacts(1, { object })).statement.subject[0]!.name).toBe(name);
  });

  it('keeps what was measured and invents nothing', () => {
    expect(buildStatement(testFacts(1)).statement.predicate.resourceUsage).toBeNull();
    expect(buildStatement(testFacts(1, { resourceUsage: { memoryPeak: 5 } })).statement.predicate.resourceUsage).toEqual({ memoryPeak: 5 });
  });

  it.each<[string, object, RegExp]>([
    ['a height that is no integer', { blockHeight: 1.5 }, /statement.predicate.blockHeight is 1.5/],
    ['an unknown outcome', { outcome: 'maybe' }, /statement.predicate.outcome is "maybe", expected "applied" or/],
    ['an upper-case UUID', { operationId: '00000000-0000-4000-8000-00000000000A' }, /operationId/],
    ['an actor that is no key', { actor: 'me' }, /statement.predicate.actor is "me", expected 32 bytes/],
    ['a member of no meaning', { note: 'x' }, /statement.predicate.note is "x"/],
    ['a fraction in the details', { details: { cost: 0.1 } }, /details.cost: 0.1 is no safe integer/],
    ['details too large for a log entry', { details: 'x'.repeat(65_000) }, /Pod\/shop\/cart-1 has \d+ bytes, at most 65535/],
  ])('refuses %s', (_name, changes, message) => {
    expect(() => buildStatement(testFacts(1, changes))).toThrow(message);
  });
});

describe('cutText', () => {
  it('stays within the bytes, keeps a prefix, and leaves what fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.integer({ min: 3, max: 60 }), (text, max) => {
        const cut = cutText(text, max);
        expect(utf8(cut).length).toBeLessThanOrEqual(max);
        if (utf8(text).length <= max) expect(cut).toBe(text);
        else expect(cut.endsWith('…') && text.startsWith(cut.slice(0, -1))).toBe(true);
      }),
    );
    expect(cutText('a\ud800b', 9)).toBe('a\ufffdb');
  });
});

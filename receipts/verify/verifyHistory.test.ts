// A history is whole or refused: whatever is left out, added, moved or relabelled no longer leads to the head in the ledger.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../crypto/encoding.js';
import { EMPTY_HISTORY, extendHistory, type HistoryRecord } from '../history.js';
import { leafHash } from '../merkle/treeHash.js';
import { testFacts } from '../testing/testReceipts.js';
import { buildStatement } from '../write/buildStatement.js';
import { verifyHistory, type HistoryAnswer } from './verifyHistory.js';

const scope = 'object/Pod/shop/cart';
const object = { kind: 'Pod', namespace: 'shop', name: 'cart' };
const payloadAt = (blockHeight: number, index: number, changes: object = {}) => buildStatement(testFacts(index, { blockHeight, index, object, ...changes })).payload;

interface Chain {
  heights: number[];
  payloads: string[];
  /** After each. */
  records: HistoryRecord[];
}
function chainOf(heights: number[]): Chain {
  const payloads = heights.map((height, index) => payloadAt(height, index));
  const records: HistoryRecord[] = [];
  for (const payload of payloads) records.push(extendHistory(records.at(-1) ?? EMPTY_HISTORY, leafHash(utf8(payload))));
  return { heights, payloads, records };
}
function answerOf({ heights, payloads, records }: Chain, from: number, to: number): HistoryAnswer {
  const first = heights.findIndex((height) => height >= from);
  const start = Math.max(0, (first < 0 ? heights.length : first) - 1);
  const after = heights.findIndex((height) => height > to);
  const end = after < 0 ? heights.length : after + 1;
  return { before: records[start - 1] ?? EMPTY_HISTORY, statements: payloads.slice(start, end), later: payloads.slice(end).map((payload) => toHex(leafHash(utf8(payload)))) };
}
const heights = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 12 }).map((list) => list.toSorted((a, b) => a - b));
const range = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 30 })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

describe('verifyHistory', () => {
  it('gives exactly the receipts of the range', () => {
    fc.assert(
      fc.property(heights, range, (list, [from, to]) => {
        const chain = chainOf(list);
        const verdict = verifyHistory(answerOf(chain, from, to), { scope, from, to }, chain.records.at(-1)!);
        expect(verdict).toMatchObject({ ok: true });
        expect(verdict.ok && verdict.statements.map(({ predicate }) => predicate.blockHeight)).toEqual(list.filter((height) => height >= from && height <= to));
      }),
    );
  });

  it('refuses an answer from which anything is missing, or is only hinted at', () => {
    fc.assert(
      fc.property(heights, range, fc.nat(), (list, [from, to], pick) => {
        const chain = chainOf(list);
        const { before, statements, later } = answerOf(chain, from, to);
        const inside = statements.flatMap((payload, i) => (list.includes((JSON.parse(payload) as { predicate: { blockHeight: number } }).predicate.blockHeight) ? [i] : []));
        const gone = inside[pick % inside.length]!;
        const record = chain.records.at(-1)!;
        const dropped = verifyHistory({ before, statements: statements.toSpliced(gone, 1), later }, { scope, from, to }, record);
        expect(dropped.ok).toBe(false);
        // The end of the range moved behind the hashes: only honest where nothing of the range is among them.
        const hidden = verifyHistory({ before, statements: statements.slice(0, gone), later: [...statements.slice(gone).map((payload) => toHex(leafHash(utf8(payload)))), ...later] }, { scope, from, to }, record);
        const shown = hidden.ok ? hidden.statements.length : list.filter((height) => height >= from && height <= to).length;
        expect(shown).toBe(list.filter((height) => height >= from && height <= to).length);
      }),
    );
  });

  it('refuses a beginning that hides what was before it', () => {
    const chain = chainOf([2, 4, 6]);
    const late = { before: chain.records[1]!, statements: chain.payloads.slice(2), later: [] };
    expect(verifyHistory(late, { scope, from: 3, to: 9 }, chain.records[2]!)).toMatchObject({ ok: false, code: 'Incomplete' });
    expect(verifyHistory(late, { scope, from: 7, to: 9 }, chain.records[2]!)).toMatchObject({ ok: true, statements: [] });
  });

  const chain = chainOf([2, 4]);
  const whole = answerOf(chain, 1, 9);
  it.each<[string, HistoryAnswer]>([
    ['a receipt of another object', { ...whole, statements: [payloadAt(2, 0, { object: { ...object, name: 'other' } }), whole.statements[1]!] }],
    ['what is no statement', { ...whole, statements: ['{}', whole.statements[1]!] }],
    ['what is no JSON', { ...whole, statements: ['oops', whole.statements[1]!] }],
    ['receipts in another order', { ...whole, statements: whole.statements.toReversed() }],
    ['a changed receipt', { ...whole, statements: [payloadAt(3, 0), whole.statements[1]!] }],
    ['another count', { ...whole, before: { ...EMPTY_HISTORY, count: 1 } }],
  ])('refuses %s', (_, answer) => {
    expect(verifyHistory(answer, { scope, from: 1, to: 9 }, chain.records[1]!).ok).toBe(false);
  });
});

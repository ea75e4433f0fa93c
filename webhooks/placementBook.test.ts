// Placements are known from the blocks that made them, until they end.
import { describe, expect, it } from 'vitest';
import { PlacementBook } from './placementBook.js';

const pod = { kind: 'Pod', namespace: 'payments', name: 'cart', uid: 'u1' };
const block = (operationType: string, code: string, details: object = {}) => ({
  transactions: [JSON.stringify({ body: { payload: { podUid: 'u1', specHash: 'ab' } } })],
  statements: [JSON.stringify({ predicate: { code, details, object: pod, operationType } })],
});
const placed = block('placement.request', 'Placed', { node: 'eu-1' });

describe('PlacementBook', () => {
  it('knows what a block placed, and where', async () => {
    const book = new PlacementBook();
    book.note(placed);
    expect(book.of('u1')).toEqual({ pod, targetNode: 'eu-1', specHash: 'ab' });
    expect(await book.soon('u1', 0)).toEqual(book.of('u1'));
  });

  it('tells those who wait for it, and gives up on what does not come', async () => {
    const book = new PlacementBook();
    const both = Promise.all([book.soon('u1', 60_000), book.soon('u1', 60_000)]);
    expect(await book.soon('u2', 1)).toBeUndefined();
    book.note(placed);
    expect((await both).map((seen) => seen?.targetNode)).toEqual(['eu-1', 'eu-1']);
  });

  it.each([
    ['a pod that waits', block('placement.request', 'Waiting')],
    ['an answer that it was placed before', block('placement.request', 'AlreadyPlaced', { node: 'eu-1' })],
    ['another operation', block('admission.verdict', 'Admitted')],
  ])('learns nothing from %s', (_what, other) => {
    const book = new PlacementBook();
    book.note(other);
    expect(book.of('u1')).toBeUndefined();
  });

  it.each([
    ['Running', true],
    ['Failed', false],
    ['Completed', false],
    ['Released', false],
  ])('when it is %s, knows it still: %s', (code, known) => {
    const book = new PlacementBook();
    book.note(placed);
    book.note(block('placement.transition', code));
    expect(book.of('u1') !== undefined).toBe(known);
  });
});

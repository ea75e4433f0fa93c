import { describe, expect, it } from 'vitest';
import { HealthBook } from './healthBook.js';

describe('HealthBook', () => {
  it('says nothing of a node of which nothing was seen, or whose address never answered', () => {
    const book = new HealthBook();
    book.answered('a', false, 0);
    expect([book.of('a', 60_000), book.of('b', 60_000)]).toEqual(['unknown', 'unknown']);
  });
  it('outlives one probe without an answer, not two', () => {
    const book = new HealthBook();
    book.answered('a', true, 0);
    book.answered('a', false, 2_000);
    expect(book.of('a', 2_000)).toBe('alive');
    book.answered('a', false, 4_000);
    expect(book.of('a', 4_000)).toBe('gone');
    book.answered('a', true, 6_000);
    expect(book.of('a', 6_000)).toBe('alive');
  });
  it('goes by renewals of the lease, whatever their clock says', () => {
    const book = new HealthBook();
    book.lease('a', '1970', 0);
    book.lease('a', '1970', 10_000);
    expect([book.of('a', 15_000), book.of('a', 15_001)]).toEqual(['alive', 'gone']);
    book.lease('a', '1969', 16_000);
    expect(book.of('a', 16_000)).toBe('alive');
  });
});

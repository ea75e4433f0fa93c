import { describe, expect, it } from 'vitest';
import { HealthBook } from './healthBook.js';

describe('HealthBook', () => {
  it('says nothing of a node of which nothing was seen, or whose address never answered', () => {
    const book = new HealthBook();
    book.answered('a', false, 0);
    expect([book.of('a', 60_000), book.of('b', 60_000)]).toEqual(['unknown', 'unknown']);
  });

  it('outlives two probes without an answer, not three', () => {
    const book = new HealthBook();
    book.answered('a', true, 0);
    for (const at of [2_000, 4_000, 6_000]) book.answered('a', false, at);
    expect(book.of('a', 6_000)).toBe('alive');
    book.answered('a', false, 8_000);
    expect(book.of('a', 8_000)).toBe('gone');
    book.answered('a', true, 10_000);
    expect(book.of('a', 10_000)).toBe('alive');
  });

  it('goes by renewals of the lease, whatever their clock says', () => {
    const book = new HealthBook();
    const others = (at: number): [string, string][] => ['b', 'c'].map((name) => [name, `renewed at ${at}`]);
    book.leases([['a', '1970'], ...others(0)], 0);
    book.leases([['a', '1970'], ...others(15_000)], 15_000);
    expect(book.of('a', 15_000)).toBe('alive');
    book.leases([['a', '1970'], ...others(15_001)], 15_001);
    expect([book.of('a', 15_001), book.of('b', 15_001)]).toEqual(['gone', 'alive']);
    book.leases([['a', '1969']], 16_000);
    expect(book.of('a', 16_000)).toBe('alive');
  });

  it('holds nothing against a node while leases are not looked at', () => {
    const book = new HealthBook();
    book.leases([['a', 'x']], 0);
    expect(book.of('a', 100_000)).toBe('alive');
  });

  it('takes no node for gone because the API server is slow for all, but none for ever', () => {
    const book = new HealthBook();
    const names = Array.from({ length: 10 }, (_, i) => `n${i}`);
    // Renewals seen evenly over 18 s instead of 10.
    names.forEach((name, i) => book.leases([[name, 'first']], i * 2_000));
    book.leases([], 20_000);
    expect(names.map((name) => book.of(name, 20_000))).toEqual(names.map(() => 'alive'));
    book.leases([], 60_000);
    expect(new Set(names.map((name) => book.of(name, 60_000)))).toEqual(new Set(['gone']));
  });
});

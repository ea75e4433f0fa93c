// The quorum is the least safe one at every size, and the percentage only raises it.
import { expect, it } from 'vitest';
import { faulty, quorum } from './quorum.js';

it.each([
  [1, 67, 1],
  [3, 1, 2],
  [3, 67, 3],
  [4, 67, 3],
  [5, 67, 4],
  [6, 1, 4],
  [7, 67, 5],
  [9, 1, 6],
  [10, 67, 7],
  [10, 100, 10],
  [100, 67, 67],
  [100, 75, 75],
])('of %i validators at %i%% %i decide', (n, percent, expected) => {
  expect(quorum(n, percent)).toBe(expected);
});

it('two quorums share an honest validator, one less may not, and the honest alone reach it (n = 1 to 1000)', () => {
  for (let n = 1; n <= 1000; n++) {
    const q = quorum(n, 1);
    const f = faulty(n);
    expect(2 * q - n).toBeGreaterThan(f);
    expect(2 * (q - 1) - n).toBeLessThanOrEqual(f);
    expect(n - f).toBeGreaterThanOrEqual(q);
    for (const percent of [34, 67, 80, 100]) expect(quorum(n, percent)).toBeGreaterThanOrEqual(Math.max(q, (n * percent) / 100));
  }
});

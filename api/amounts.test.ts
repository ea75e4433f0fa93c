import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AmountError, formatAmount, parseAmount } from './amounts.js';

describe('parseAmount', () => {
  it.each([
    ['500 BPI', 500_000_000],
    ['0.001 BPI', 1_000],
    ['0.000001 BPI', 1],
    ['0 BPI', 0],
    ['999999999.999999 BPI', 999_999_999_999_999],
  ])('%s is %i µBPI', (text, microBpi) => expect(parseAmount(text)).toBe(microBpi));

  it.each(['', '5', '5BPI', '-1 BPI', '0.0000001 BPI', '1e3 BPI', '.5 BPI', '1. BPI', '1000000000 BPI', ' 5 BPI'])(
    'refuses "%s" and shows a right one',
    (text) => {
      expect(() => parseAmount(text)).toThrow(AmountError);
      expect(() => parseAmount(text)).toThrow('0.001 BPI');
    },
  );

  it('is the inverse of formatAmount', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (amount) => parseAmount(formatAmount(amount)) === amount));
  });
});

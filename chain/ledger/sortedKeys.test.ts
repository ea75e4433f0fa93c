// Sorted keys: the place of one, and many changes at once, against sorting anew.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { lowerBound, withChanges } from './sortedKeys.js';

const keys = fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 30 });

it('the place of a key is before all that are not below it', () => {
  fc.assert(
    fc.property(keys, fc.string({ maxLength: 4 }), (unsorted, key) => {
      const sorted = [...unsorted].sort();
      expect(lowerBound(sorted, key)).toBe(sorted.filter((other) => other < key).length);
    }),
  );
});

it('what is put in and taken out at once gives what sorting all of it anew gives', () => {
  fc.assert(
    fc.property(keys, keys, (had, changed) => {
      const removed = new Set(changed.filter((key) => had.includes(key)));
      const added = changed.filter((key) => !had.includes(key));
      expect(withChanges([...had].sort(), added, removed)).toEqual([...had.filter((key) => !removed.has(key)), ...added].sort());
    }),
  );
});

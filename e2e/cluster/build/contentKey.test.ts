import fc from 'fast-check';
import { it } from 'vitest';
import { contentKey } from './contentKey.js';

it('tells lists apart whatever they are joined to', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string()),
      fc.array(fc.string()),
      (a, b) => (contentKey(a) === contentKey(b)) === (JSON.stringify(a) === JSON.stringify(b)),
    ),
    {
      examples: [
        [
          ['ab', 'c'],
          ['a', 'bc'],
        ],
        [[''], []],
        [['1:a'], ['1', 'a']],
      ],
    },
  );
});

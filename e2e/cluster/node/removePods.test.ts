import { describe, expect, it } from 'vitest';
import { mountsBelow, withDescendants } from './removePods.js';

describe('withDescendants', () => {
  const parentOf = new Map([
    [1, 0],
    [10, 1],
    [11, 10],
    [12, 11],
    [20, 1],
  ]);
  it.each([
    ['a tree', [10], [10, 11, 12]],
    ['a leaf', [20], [20]],
    ['none', [], []],
  ])('%s', (_, roots, expected) => expect(withDescendants(roots, parentOf).toSorted((a, b) => a - b)).toEqual(expected));
});

describe('mountsBelow', () => {
  const line = (point: string) => `36 35 98:0 / ${point} rw,noatime - tmpfs tmpfs rw`;
  const mountinfo = [line('/'), line('/s/node'), line('/s/node/state/rootfs'), line('/s/nodes'), line('/s/node/with\\040space')].join('\n');
  it('finds them innermost first, and no namesakes', () => {
    expect(mountsBelow(mountinfo, ['/s/node'])).toEqual(['/s/node/with space', '/s/node/state/rootfs', '/s/node']);
  });
  it('finds none where there are none', () => expect(mountsBelow(mountinfo, ['/other'])).toEqual([]));
});

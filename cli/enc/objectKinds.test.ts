import { describe, expect, it } from 'vitest';
import { parseObjectName } from './objectKinds.js';

describe('parseObjectName', () => {
  it.each([
    ['pod/a-1', { kind: 'Pod', namespace: 'shop', name: 'a-1' }],
    ['Workloads/eu', { kind: 'Workload', namespace: 'shop', name: 'eu' }],
    ['bisopolicy/x.y', { kind: 'BisoPolicy', name: 'x.y' }],
    ['tr/z', { kind: 'TrafficRule', name: 'z' }],
  ])('reads %s', (text, expected) => expect(parseObjectName(text, 'shop')).toEqual(expected));

  it.each([
    ['cart', /"cart" is no kind; write KIND\/NAME with one of pod/],
    ['deployment/x', /"deployment" is no kind/],
    ['pod/', /"" is no object name/],
    ['pod/A', /"A" is no object name/],
    ['pod/a/b', /"a\/b" is no object name/],
  ])('refuses %s', (text, message) => expect(() => parseObjectName(text, 'shop')).toThrow(message));
});

// Shapes: exact members, exact types, and errors that name the path.
import { expect, it } from 'vitest';
import { array, faultOf, hex, integer, literal, nullable, object, text } from './shape.js';

const shape = object({ kind: literal('a', 'b'), list: array(integer(1, 3), 0, 2), hash: nullable(hex(2)) }, { note: text(1, 4) });

it.each<[string, unknown, string | undefined]>([
  ['all members', { kind: 'a', list: [1, 3], hash: 'ab01', note: 'x' }, undefined],
  ['optional left out', { kind: 'b', list: [], hash: null }, undefined],
  ['optional undefined', { kind: 'b', list: [], hash: null, note: undefined }, undefined],
  ['no object', [], '$ is an array of 0, expected an object'],
  ['null', null, '$ is null, expected an object'],
  ['missing member', { kind: 'a', list: [] }, '$.hash is missing, expected 2 bytes of lower-case hex'],
  ['inherited member', Object.create({ kind: 'a', list: [], hash: null }), '$.kind is missing, expected "a" or "b"'],
  ['unknown member', { kind: 'a', list: [], hash: null, x: 1 }, '$.x is 1, expected no such member'],
  ['wrong literal', { kind: 'c', list: [], hash: null }, '$.kind is "c", expected "a" or "b"'],
  ['out of bounds', { kind: 'a', list: [1, 4], hash: null }, '$.list[1] is 4, expected an integer from 1 to 3'],
  ['fraction', { kind: 'a', list: [1.5], hash: null }, '$.list[0] is 1.5, expected an integer from 1 to 3'],
  ['too many', { kind: 'a', list: [1, 1, 1], hash: null }, '$.list is an array of 3, expected an array of 0 to 2'],
  ['hex with line end', { kind: 'a', list: [], hash: 'ab01\n' }, '$.hash is "ab01\\n", expected 2 bytes of lower-case hex'],
  ['text over its bytes', { kind: 'a', list: [], hash: null, note: 'äää' }, '$.note is "äää", expected a string of 1 to 4 bytes'],
])('%s', (_name, value, fault) => {
  expect(faultOf(shape, value)).toBe(fault);
});

it('takes minus zero for no integer, for it has another JSON text', () => {
  expect(faultOf(integer(), -0)).toMatch(/expected an integer/);
});

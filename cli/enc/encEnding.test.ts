import { describe, expect, it } from 'vitest';
import { ChainError } from '../../chain/client/chainError.js';
import { CliError } from '../bpci/cliError.js';
import { encEnding } from './encEnding.js';

const faults = ['http://a', 'http://b'].map((endpoint) => ({ endpoint, fault: 'there is no receipt x' }));

describe('encEnding', () => {
  it.each<[string, unknown, number, string]>([
    ['bad input', new CliError('--for x: is no kind'), 2, '--for x: is no kind'],
    ['what does not hold', new CliError('not verified: \u0011 "x"', 1), 1, 'not verified:   "x"'],
    ['a bad key file', new ChainError('BadKeyFile', 'key file k is malformed'), 2, 'key file k is malformed'],
    ['nobody who answers', new ChainError('Unreachable', 'no validator answered', { faults }), 1, 'no validator answered'],
    ['what no validator has, once', new ChainError('NotFound', 'http://a: there is no receipt x; http://b: there is no receipt x', { faults }), 1, 'there is no receipt x'],
  ])('tells %s in one line', (_name, error, exitCode, line) => expect(encEnding(error)).toEqual({ exitCode, line }));
});

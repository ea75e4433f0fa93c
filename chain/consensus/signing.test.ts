// What is signed, byte for byte, and that no signature serves another message type, chain, validator or word.
import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../../crypto/encoding.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import { createSigning, signingInput } from './signing.js';
import type { Payload } from './types.js';

const { set, blsKeys, ed25519Keys } = testValidators(2);
const signing = (chainId: string, node: number) =>
  createSigning<string>({ chainId, keys: { ed25519: ed25519Keys[node]!, bls: blsKeys[node]! }, blockMatches: () => true });
const digest = 'ab'.repeat(32);
const prepare: Payload = { type: 'prepare', height: 7, round: 2, digest };

it('signs a tag by type, the chain and the canonical payload', () => {
  expect(fromUtf8(signingInput('enc-test', prepare))).toBe(
    `enc-qbft-prepare-v1\0enc-test\0{"digest":"${digest}","height":7,"round":2,"type":"prepare"}`,
  );
});

describe('a signature', () => {
  const good = { from: 0, payload: prepare, signature: signing('enc-test', 0).sign(prepare) };
  it('is verified', () => expect(signing('enc-test', 1).verify(set, good)).toBe(true));
  it.each<[string, string, object]>([
    ['another chain', 'enc-test2', {}],
    ['another validator', 'enc-test', { from: 1 }],
    ['no validator', 'enc-test', { from: 2 }],
    ['another round', 'enc-test', { payload: { ...prepare, round: 3 } }],
    ['another type', 'enc-test', { payload: { ...prepare, type: 'proposal' } }],
    ['malformed hex', 'enc-test', { signature: 'zz' }],
  ])('does not serve %s', (_name, chainId, changes) => expect(signing(chainId, 1).verify(set, { ...good, ...changes })).toBe(false));
});

it('refuses to sign without keys', () => {
  expect(() => createSigning({ chainId: 'enc-test', keys: undefined, blockMatches: () => true }).sign(prepare)).toThrow(/self = null/);
});

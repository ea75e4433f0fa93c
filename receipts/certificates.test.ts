// Certificates: distinct signers, quorum by percentage, binding to chain, height, block and set.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildCertificate, signersOf, verifyCertificate, verifyCertificates } from './certificates.js';
import { commitSealMessage, partitionSeals, verifyCommitSeal } from './commitSeal.js';
import { headerHash } from './headerHash.js';
import { quorum } from './quorum.js';
import { testCertificate, testHeader, testSeals, testValidators } from './testing/testValidators.js';
import type { BlockHeader, Certificate } from './types.js';

const four = testValidators(4);
const header = testHeader(four.set);
const certificate = testCertificate(four, header, [0, 2, 3], 5);

describe('verifyCertificate', () => {
  it('accepts a quorum and names the signers', () => {
    expect(verifyCertificate('enc-test', four.set, header, certificate)).toEqual({ ok: true, signers: [0, 2, 3] });
    expect(certificate.signers).toBe('0d');
  });

  const other = testValidators(4, 67, 2);
  it.each<[string, string, Partial<BlockHeader>, Partial<Certificate>, RegExp]>([
    ['another chain', 'WrongChain', { chainId: 'other' }, {}, /chain "other", expected "enc-test"/],
    ['another height', 'WrongHeight', {}, { height: 8 }, /height 8, the header has height 7/],
    ['another set', 'WrongValidators', { validatorsHash: '00'.repeat(32) }, {}, /the trusted set is/],
    ['another block', 'WrongBlock', { stateRoot: '00'.repeat(32) }, {}, /the header hashes to/],
    ['another round', 'BadSignature', {}, { round: 6 }, /validators 0, 2, 3/],
    ['a signer who did not sign', 'BadSignature', {}, { signers: '0f' }, /validators 0, 1, 2, 3/],
    ['bits beyond the set', 'BadSigners', {}, { signers: '1d' }, /no bitmap of 4 validators/],
    ['a longer bitmap', 'BadSigners', {}, { signers: '0d00' }, /in 1 bytes/],
    ['too few bits', 'NoQuorum', {}, { signers: '05' }, /2 of 4 validators signed block 7, 3 are needed/],
    ['no bits', 'NoQuorum', {}, { signers: '00' }, /0 of 4/],
    ['upper-case hex', 'Malformed', {}, { blockHash: headerHash(header).toUpperCase() }, /certificate.blockHash is/],
    ['a signature at infinity', 'BadSignature', {}, { signature: `c0${'00'.repeat(95)}` }, /signature is not/],
    ['a fractional height', 'Malformed', { height: 7.5 }, { height: 7.5 }, /header.height is 7.5/],
    ['an unknown member', 'Malformed', { extra: 1 } as never, {}, /header.extra/],
  ])('refuses %s', (_name, code, headerChanges, changes, message) => {
    const verdict = verifyCertificate('enc-test', four.set, { ...header, ...headerChanges }, { ...certificate, ...changes });
    expect(verdict).toEqual({ ok: false, code, message: expect.stringMatching(message) as string });
  });

  it('gives each of many its own verdict, also when they were seen before', () => {
    const [next, last] = [testHeader(four.set, { height: 8 }), testHeader(four.set, { height: 9 })];
    const many = [
      { set: four.set, header, certificate },
      { set: four.set, header: next, certificate: { ...testCertificate(four, next, [0, 1, 2]), signers: '0e' } },
      { set: four.set, header: last, certificate: testCertificate(four, last, [1, 2, 3]) },
      { set: four.set, header, certificate: testCertificate(four, last, [1, 2, 3]) },
    ];
    for (let i = 0; i < 2; i++)
      expect(verifyCertificates('enc-test', many)).toMatchObject([{ ok: true, signers: [0, 2, 3] }, { ok: false, code: 'BadSignature' }, { ok: true, signers: [1, 2, 3] }, { ok: false, code: 'WrongHeight' }]);
    expect(verifyCertificates('enc-test', [])).toEqual([]);
  });

  it('refuses a valid certificate of a set that is not trusted', () => {
    const foreign = testHeader(other.set);
    const verdict = verifyCertificate('enc-test', four.set, foreign, testCertificate(other, foreign, [0, 1, 2]));
    expect(verdict).toMatchObject({ ok: false, code: 'WrongValidators' });
    const pretending = testHeader(four.set);
    expect(verifyCertificate('enc-test', four.set, pretending, testCertificate(other, pretending, [0, 1, 2]))).toMatchObject({
      code: 'BadSignature',
    });
  });

  it('respects a finality threshold above two thirds', () => {
    const strict = testValidators(4, 100);
    const block = testHeader(strict.set);
    expect(verifyCertificate('enc-test', strict.set, block, testCertificate(strict, block, [0, 1, 2]))).toMatchObject({ code: 'NoQuorum' });
    expect(verifyCertificate('enc-test', strict.set, block, testCertificate(strict, block, [0, 1, 2, 3]))).toMatchObject({ ok: true });
  });

  it('accepts exactly the subsets that reach the quorum', () => {
    const ten = testValidators(10);
    const block = testHeader(ten.set);
    const everyone = Array.from({ length: 10 }, (_, i) => i);
    fc.assert(
      fc.property(fc.subarray(everyone, { minLength: 1 }), (signers) => {
        const made = testCertificate(ten, block, signers);
        expect(signersOf(made, 10)).toEqual(signers);
        expect(verifyCertificate('enc-test', ten.set, block, made).ok).toBe(signers.length >= quorum(10, 67));
      }),
      { numRuns: 40 },
    );
  });
});

describe('buildCertificate', () => {
  const [seal] = testSeals(four, header, 0, [1]);
  const block = { height: 7, round: 0, blockHash: headerHash(header) };
  it.each([
    ['the same validator twice', [seal!, seal!], 'DuplicateSigner'],
    ['a validator beyond the set', [{ ...seal!, validator: 4 }], 'UnknownSigner'],
    ['a negative index', [{ ...seal!, validator: -1 }], 'UnknownSigner'],
    ['no seals', [], 'Empty'],
    ['a malformed seal', [{ ...seal!, seal: '00' }], 'BadSignature'],
  ])('refuses %s', (_name, seals, code) => {
    expect(() => buildCertificate(block, 4, seals)).toThrow(expect.objectContaining({ code }));
  });
});

describe('commit seals', () => {
  it('bind chain, height, round and block', () => {
    const hash = headerHash(header);
    const message = commitSealMessage('enc-test', 7, 0, hash);
    const [seal] = testSeals(four, header, 0, [1]);
    expect(verifyCommitSeal(four.set, message, seal!)).toBe(true);
    expect(verifyCommitSeal(four.set, message, { ...seal!, validator: 2 })).toBe(false);
    expect(verifyCommitSeal(four.set, message, { ...seal!, validator: 9 })).toBe(false);
    for (const changed of [
      commitSealMessage('enc-tesT', 7, 0, hash),
      commitSealMessage('enc-test', 8, 0, hash),
      commitSealMessage('enc-test', 7, 1, hash),
      commitSealMessage('enc-test', 7, 0, '00'.repeat(32)),
    ]) {
      expect(verifyCommitSeal(four.set, changed, seal!)).toBe(false);
    }
  });

  it('are parted into good and bad wherever the bad ones are', () => {
    const seven = testValidators(7);
    const block = testHeader(seven.set);
    const message = commitSealMessage('enc-test', block.height, 0, headerHash(block));
    const everyone = [0, 1, 2, 3, 4, 5, 6];
    const good = testSeals(seven, block, 0, everyone);
    const wrong = testSeals(seven, block, 1, everyone);
    fc.assert(
      fc.property(fc.subarray(everyone), fc.constantFrom('wrong', 'short', 'garbage'), (bad, kind) => {
        const replaced = { wrong: (i: number) => wrong[i]!.seal, short: () => 'ab', garbage: () => 'ff'.repeat(96) };
        const seals = good.map((seal, i) => (bad.includes(i) ? { validator: i, seal: replaced[kind](i) } : seal));
        const { valid, invalid } = partitionSeals(seven.set, message, seals);
        expect(invalid.map(({ validator }) => validator)).toEqual(bad);
        expect(valid.map(({ validator }) => validator)).toEqual(everyone.filter((i) => !bad.includes(i)));
      }),
      { numRuns: 15 },
    );
  });
});

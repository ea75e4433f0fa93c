// What a client takes for a head, and what it does not.
import { describe, expect, it } from 'vitest';
import { testCertificate, testHeader, testValidators } from '../../receipts/testing/testValidators.js';
import { HeaderChain } from './headerChain.js';
import { FakeChain } from './testing/fakeChain.js';

const chain = new FakeChain();
for (let i = 0; i < 8; i++) chain.commit({ [`k${i}`]: i });
const certified = chain.snapshots.map(({ header, certificate }) => ({ header, certificate }));
const strangers = testValidators(4, 67, 9);
const at = (height: number) => certified[height - 1]!;
const headers = () => new HeaderChain(chain.genesis);
const following = (height: number) => {
  const made = headers();
  made.startAt(at(height));
  return made;
};
const forged = (changes: object, by = chain.validators, signers = [0, 1, 2]) => {
  const header = { ...at(4).header, ...changes };
  return { header, certificate: testCertificate(by, header, signers) };
};

describe('HeaderChain', () => {
  it('starts at any certified header and follows links from there', () => {
    const made = following(3);
    expect(made.head.height).toBe(3);
    for (let height = 4; height <= 9; height++) made.extend(at(height));
    expect(made.head).toEqual(chain.blocks[8]!.header);
  });

  it('takes a batch of linked headers by the last one’s certificate', () => {
    const made = following(2);
    const batch = certified.slice(2, 8).map((entry, i) => (i < 5 ? { ...entry, certificate: at(1).certificate } : entry));
    made.extendBy(batch);
    expect(made.head.height).toBe(8);
  });

  it('knows no head before it has started', () => expect(() => headers().head).toThrow(expect.objectContaining({ code: 'NotStarted' })));

  it.each([
    ['a gap', () => at(5), /does not follow block 3/],
    ['the same height again', () => at(3), /does not follow/],
    ['another predecessor', () => forged({ previousHash: 'ab'.repeat(32) }), /follows abab/],
    ['a time that does not pass', () => forged({ timestamp: at(3).header.timestamp }), /not later/],
    ['a certificate of another block', () => ({ ...at(4), certificate: at(5).certificate }), /height 5/],
    ['too few signers', () => forged({}, chain.validators, [0, 1]), /2 of 4/],
    ['strangers', () => forged({}, strangers), /not that of validators/],
    ['another chain', () => forged({ chainId: 'other' }), /chain "other"/],
    ['a header changed after it was certified', () => ({ ...at(4), header: { ...at(4).header, stateRoot: '00'.repeat(32) } }), /hashes to/],
  ])('does not follow to %s', (_name, make, message) => {
    const made = following(3);
    expect(() => made.extend(make())).toThrow(expect.objectContaining({ code: 'Unverified', message: expect.stringMatching(message) as string }));
    expect(made.head.height).toBe(3);
  });

  it('refuses a batch with one broken link, as a whole', () => {
    const made = following(2);
    const batch = certified.slice(2, 8).with(2, { ...at(5), header: { ...at(5).header, stateRoot: '00'.repeat(32) } });
    expect(() => made.extendBy(batch)).toThrow(/follows/);
    expect(made.head.height).toBe(2);
  });

  it('notices two certified headers of one height, which only more than f faulty validators can make', () => {
    const made = following(4);
    made.prove(at(5));
    const header = testHeader(chain.validators.set, { ...at(5).header, stateRoot: '99'.repeat(32) });
    expect(() => made.prove({ header, certificate: testCertificate(chain.validators, header, [1, 2, 3]) })).toThrow(
      /two certified headers at height 5/,
    );
  });

  it('does not pass on a forged certificate for a header that another has proved', () => {
    const made = following(3);
    made.prove(at(4));
    expect(made.prove({ ...at(4), certificate: forged({}, strangers).certificate })).toBe(at(4).certificate.blockHash);
    expect(() => made.extend({ ...at(4), certificate: { ...at(4).certificate, signature: at(5).certificate.signature } })).toThrow(/signature/);
  });

  it('refuses a genesis whose validators do not prove their keys', () => {
    const [first, ...rest] = chain.genesis.validatorSet.validators;
    const set = { ...chain.genesis.validatorSet, validators: [{ ...first!, blsProofOfPossession: rest[0]!.blsProofOfPossession }, ...rest] };
    expect(() => new HeaderChain({ ...chain.genesis, validatorSet: set })).toThrow(expect.objectContaining({ code: 'BadConfiguration' }));
  });
});

// Verifies quorum certificates with @noble/curves: each one that differs, over a random linear combination of many at once where all are good.
import { randomBytes } from 'node:crypto';
import { bls12_381 } from '@noble/curves/bls12-381.js';
import { sealMessage, signersOf, type Certificate } from './format.js';

/** The ciphersuite that the seal is made with. */
const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
const { G1, G2, fields, pairingBatch } = bls12_381;

export interface ValidatorSet {
  validators: { blsPublicKey: string }[];
  quorumPercent: number;
}

export function quorumOf({ validators: { length }, quorumPercent }: ValidatorSet): number {
  return Math.max(Math.ceil((2 * length) / 3), Math.ceil((length * quorumPercent) / 100));
}

/** Throws when a certificate has no quorum, or one of the signatures does not fit. */
export function verifyAll(chainId: string, set: ValidatorSet, certificates: readonly Certificate[]): void {
  const keys = set.validators.map(({ blsPublicKey }) => G1.Point.fromHex(blsPublicKey));
  const need = quorumOf(set);
  /** By message: certificates of one block differ in who signed alone. */
  const sums = new Map<string, typeof G1.Point.BASE>();
  let sum = G2.Point.ZERO;
  for (const certificate of certificates) {
    const signers = signersOf(certificate, keys.length);
    if (signers.length < need) throw new Error(`height ${certificate.height}: ${signers.length} signers, ${need} are needed`);
    const key = signers.map((index) => keys[index]!).reduce((a, b) => a.add(b));
    const signature = G2.Point.fromHex(certificate.signature);
    // On the curve and in the group.
    signature.assertValidity();
    // 128 random bits each: a false one passes with probability 2^-128.
    const weight = BigInt(`0x${randomBytes(16).toString('hex')}`) + 1n;
    sum = sum.add(signature.multiplyUnsafe(weight));
    const message = Buffer.from(sealMessage(chainId, certificate)).toString('hex');
    sums.set(message, (sums.get(message) ?? G1.Point.ZERO).add(key.multiplyUnsafe(weight)));
  }
  const pairs = [...sums].map(([message, g1]) => ({ g1, g2: bls12_381.longSignatures.hash(Buffer.from(message, 'hex'), DST) as typeof G2.Point.BASE }));
  if (pairs.length === 0) return;
  const result = pairingBatch([...pairs, { g1: G1.Point.BASE.negate(), g2: sum }]);
  if (!fields.Fp12.eql(result, fields.Fp12.ONE)) throw new Error(`a signature among heights ${certificates[0]!.height} to ${certificates.at(-1)!.height} does not fit`);
}

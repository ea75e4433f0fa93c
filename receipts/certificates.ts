// Quorum certificates: a block is final when a quorum of distinct validators sealed its hash; one aggregated signature shows it.
import { bls } from '../crypto/bls.js';
import type { AggregateSignature } from '../crypto/blsBackend.js';
import { fromHex, toHex } from '../crypto/encoding.js';
import { blockHeaderShape, certificateShape } from './chainShapes.js';
import { commitSealMessage, type CommitSeal } from './commitSeal.js';
import { headerHash } from './headerHash.js';
import { isKnownGood, noteGood } from './knownCertificates.js';
import { quorum } from './quorum.js';
import { faultOf } from './shape.js';
import type { BlockHeader, Certificate, ValidatorSet } from './types.js';
import { validatorsHash } from './validatorSet.js';

export type CertificateErrorCode = 'UnknownSigner' | 'DuplicateSigner';

export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  constructor(
    readonly code: CertificateErrorCode,
    message: string,
  ) {
    super(message);
  }
}

export type CertificateFaultCode =
  'Malformed' | 'WrongChain' | 'WrongHeight' | 'WrongValidators' | 'WrongBlock' | 'BadSigners' | 'NoQuorum' | 'BadSignature';

export type CertificateVerdict = { ok: true; signers: number[] } | { ok: false; code: CertificateFaultCode; message: string };

/** `validators` = size of the set. The seals must be valid ones of distinct validators; throws CertificateError, BlsError or CodecError. */
export function buildCertificate(block: Pick<Certificate, 'height' | 'round' | 'blockHash'>, validators: number, seals: CommitSeal[]): Certificate {
  const bitmap = new Uint8Array(Math.ceil(validators / 8));
  for (const { validator } of seals) {
    if (!Number.isInteger(validator) || validator < 0 || validator >= validators) {
      throw new CertificateError('UnknownSigner', `validator ${validator} is not one of the ${validators} in the set`);
    }
    const mask = 1 << (validator & 7);
    if (bitmap[validator >> 3]! & mask) throw new CertificateError('DuplicateSigner', `validator ${validator} has more than one seal in the list`);
    bitmap[validator >> 3]! |= mask;
  }
  const signature = bls.aggregate(seals.map(({ seal }) => fromHex(seal)));
  return { height: block.height, round: block.round, blockHash: block.blockHash, signers: toHex(bitmap), signature: toHex(signature) };
}

/** A header, what is said to certify it, and the set that must have signed it, which must have passed checkValidatorSet. */
export interface Certified {
  set: ValidatorSet;
  header: BlockHeader;
  certificate: Certificate;
}

/** Checks a header and its certificate against the set that must have signed it. */
export function verifyCertificate(chainId: string, set: ValidatorSet, header: BlockHeader, certificate: Certificate): CertificateVerdict {
  return verifyCertificates(chainId, [{ set, header, certificate }])[0]!;
}

/** A verdict for each; the signatures are checked together, which takes half the time of one after the other. */
export function verifyCertificates(chainId: string, certified: readonly Certified[]): CertificateVerdict[] {
  const bound = certified.map((one) => ({ ...one, verdict: checkSigners(chainId, one) }));
  const checks = bound.flatMap(({ set, certificate, verdict }) => (verdict.ok && !isKnownGood(certificate) ? [signatureOf(chainId, set, certificate, verdict.signers)] : []));
  const allGood = bls.verifyAggregates(checks);
  return bound.map(({ set, certificate, verdict }) => {
    if (!verdict.ok) return verdict;
    if (!allGood && !isKnownGood(certificate) && !bls.verifyAggregates([signatureOf(chainId, set, certificate, verdict.signers)]))
      return refuse('BadSignature', `the certificate's signature is not that of validators ${verdict.signers.join(', ')} over block ${certificate.blockHash}`);
    noteGood(certificate);
    return verdict;
  });
}

function signatureOf(chainId: string, set: ValidatorSet, { height, round, blockHash, signature }: Certificate, signers: readonly number[]): AggregateSignature {
  const publicKeys = signers.map((index) => set.validators[index]!.blsPublicKey);
  return { publicKeys, message: commitSealMessage(chainId, height, round, blockHash), signature: fromHex(signature) };
}

/** Everything but the signature. */
function checkSigners(chainId: string, { set, header, certificate }: Certified): CertificateVerdict {
  const malformed = faultOf(blockHeaderShape, header, 'header') ?? faultOf(certificateShape, certificate, 'certificate');
  if (malformed !== undefined) return refuse('Malformed', malformed);
  const mismatch = checkBinding(chainId, set, header, certificate);
  if (mismatch) return mismatch;

  const size = set.validators.length;
  const signers = signersOf(certificate, size);
  if (signers === undefined) {
    return refuse('BadSigners', `certificate.signers ${certificate.signers} is no bitmap of ${size} validators in ${Math.ceil(size / 8)} bytes`);
  }
  const needed = quorum(size, set.quorumPercent);
  if (signers.length < needed) {
    return refuse('NoQuorum', `${signers.length} of ${size} validators signed block ${header.height}, ${needed} are needed`);
  }
  return { ok: true, signers };
}

function checkBinding(chainId: string, set: ValidatorSet, header: BlockHeader, certificate: Certificate): CertificateVerdict | undefined {
  if (header.chainId !== chainId) return refuse('WrongChain', `the header is of chain "${header.chainId}", expected "${chainId}"`);
  if (certificate.height !== header.height) {
    return refuse('WrongHeight', `the certificate is for height ${certificate.height}, the header has height ${header.height}`);
  }
  const expected = validatorsHash(set);
  if (header.validatorsHash !== expected) {
    return refuse(
      'WrongValidators',
      `block ${header.height} is signed by the validator set ${header.validatorsHash}, the trusted set is ${expected}`,
    );
  }
  const hash = headerHash(header);
  if (certificate.blockHash !== hash)
    return refuse('WrongBlock', `the certificate is for block ${certificate.blockHash}, the header hashes to ${hash}`);
  return undefined;
}

/** Indices of the signers, ascending; undefined when the bitmap has another length or bits beyond the set. */
export function signersOf(certificate: Certificate, validators: number): number[] | undefined {
  const bitmap = fromHex(certificate.signers);
  if (bitmap.length !== Math.ceil(validators / 8)) return undefined;
  const signers: number[] = [];
  for (let i = 0; i < 8 * bitmap.length; i++) {
    if ((bitmap[i >> 3]! >> (i & 7)) & 1) signers.push(i);
  }
  return signers.every((index) => index < validators) ? signers : undefined;
}

function refuse(code: CertificateFaultCode, message: string): CertificateVerdict {
  return { ok: false, code, message };
}

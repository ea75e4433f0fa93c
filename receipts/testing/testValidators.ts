// Builders for tests: validators with keys from small seeds, headers, and certificates signed by whom the test likes.
import { bls } from '../../crypto/bls.js';
import { ed25519FromSeed } from '../../crypto/ed25519.js';
import { toHex } from '../../crypto/encoding.js';
import { sha256 } from '../../crypto/hash.js';
import { buildCertificate } from '../certificates.js';
import { commitSealMessage, type CommitSeal } from '../commitSeal.js';
import { headerHash } from '../headerHash.js';
import type { BlockHeader, Certificate, ValidatorSet } from '../types.js';
import { validatorsHash } from '../validatorSet.js';

export interface TestValidators {
  set: ValidatorSet;
  blsKeys: string[];
  ed25519Keys: string[];
}

export function testValidators(count: number, quorumPercent = 67, seed = 1): TestValidators {
  const blsKeys = Array.from({ length: count }, (_, i) => bls.keyFromSeed(sha256(Uint8Array.of(seed, i))));
  const pairs = Array.from({ length: count }, (_, i) => ed25519FromSeed(toHex(sha256(Uint8Array.of(seed, i, 1)))));
  const validators = blsKeys.map((key, i) => ({
    blsPublicKey: bls.publicKey(key),
    blsProofOfPossession: toHex(bls.provePossession(key)),
    ed25519PublicKey: pairs[i]!.publicKey,
    address: `validator-${i}`,
  }));
  return { set: { validators, quorumPercent }, blsKeys, ed25519Keys: pairs.map((pair) => pair.privateKey) };
}

export function testHeader(set: ValidatorSet, changes: Partial<BlockHeader> = {}): BlockHeader {
  return {
    version: 1,
    chainId: 'enc-test',
    height: 7,
    timestamp: 1_790_000_000_000,
    previousHash: '11'.repeat(32),
    transactionsRoot: '22'.repeat(32),
    stateRoot: '33'.repeat(32),
    logSize: 0,
    logRoot: '44'.repeat(32),
    validatorsHash: validatorsHash(set),
    nextValidatorsHash: validatorsHash(set),
    proposer: 0,
    ...changes,
  };
}

export function testSeals({ blsKeys }: TestValidators, header: BlockHeader, round: number, signers: number[]): CommitSeal[] {
  const message = commitSealMessage(header.chainId, header.height, round, headerHash(header));
  return signers.map((validator) => ({ validator, seal: toHex(bls.sign(blsKeys[validator]!, message)) }));
}

export function testCertificate(validators: TestValidators, header: BlockHeader, signers: number[], round = 0): Certificate {
  const block = { height: header.height, round, blockHash: headerHash(header) };
  return buildCertificate(block, validators.set.validators.length, testSeals(validators, header, round, signers));
}

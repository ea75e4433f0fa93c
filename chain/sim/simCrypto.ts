// Cryptography of the simulation: fast make-believe for volume, the real one for a sample, behind one interface.
import { bls } from '../../crypto/bls.js';
import { fromHex } from '../../crypto/encoding.js';
import { signersOf } from '../../receipts/certificates.js';
import { commitSealMessage, type CommitSeal } from '../../receipts/commitSeal.js';
import { quorum } from '../../receipts/quorum.js';
import { testValidators } from '../../receipts/testing/testValidators.js';
import type { Certificate, ValidatorSet } from '../../receipts/types.js';
import { createSigning } from '../consensus/signing.js';
import type { BlockReference, ConsensusCrypto, Payload } from '../consensus/types.js';
import { fakeHash } from './fakeHash.js';
import { isBlock, type SimBlock } from './simBlock.js';

export interface SimCrypto {
  /** These nodes as validators, in this order. */
  set(members: readonly number[]): ValidatorSet;
  /** What node `node` signs with; the adversary is given those of the faulty alone. */
  of(node: number): ConsensusCrypto<SimBlock>;
  /** Independent of the core: distinct signers, a quorum, a good signature. */
  certificateFault(set: ValidatorSet, certificate: Certificate): string | undefined;
}

const CHAIN = 'enc-sim';

export function fakeCrypto(nodes: number, quorumPercent: number): SimCrypto {
  const validators = Array.from({ length: nodes }, (_, i) => ({
    blsPublicKey: '',
    blsProofOfPossession: '',
    ed25519PublicKey: '',
    address: `n${i}`,
  }));
  const sealOf = (node: number, { height, round, digest }: BlockReference): string => fakeHash(`seal/${node}/${height}/${round}/${digest}`, 96);
  const nodeAt = (set: ValidatorSet, index: number): number => Number(set.validators[index]?.address.slice(1) ?? -1);
  const signature = (node: number, payload: Payload): string => fakeHash(`${node}/${wordsOf(payload)}`, 64);
  return {
    set: (members) => ({ validators: members.map((node) => validators[node]!), quorumPercent }),
    of: (node) => ({
      sign: (payload) => signature(node, payload),
      verify: (set, signed) => signature(nodeAt(set, signed.from), signed.payload) === signed.signature,
      seal: (height, round, digest) => sealOf(node, { height, round, digest }),
      partitionSeals: (set, block, seals) => ({
        valid: seals.filter(({ validator, seal }) => seal === sealOf(nodeAt(set, validator), block)),
        invalid: seals.filter(({ validator, seal }) => seal !== sealOf(nodeAt(set, validator), block)),
      }),
      certificate: (set, { height, round, digest }, seals) => ({
        height,
        round,
        blockHash: digest,
        signers: bitmap(set.validators.length, seals),
        signature: fakeHash(seals.map(({ seal }) => seal).join('/'), 96),
      }),
      blockMatches: isBlock,
    }),
    certificateFault: (set, certificate) =>
      signerFault(set, certificate, (signers) => {
        const block = { height: certificate.height, round: certificate.round, digest: certificate.blockHash };
        return certificate.signature === fakeHash(signers.map((i) => sealOf(nodeAt(set, i), block)).join('/'), 96);
      }),
  };
}

export function realCrypto(nodes: number, quorumPercent: number): SimCrypto {
  const { set, blsKeys, ed25519Keys } = testValidators(nodes, quorumPercent);
  return {
    set: (members) => ({ ...set, validators: members.map((node) => set.validators[node]!) }),
    of: (node) => createSigning<SimBlock>({ chainId: CHAIN, keys: { ed25519: ed25519Keys[node]!, bls: blsKeys[node]! }, blockMatches: isBlock }),
    certificateFault: (current, certificate) =>
      signerFault(current, certificate, (signers) => {
        const message = commitSealMessage(CHAIN, certificate.height, certificate.round, certificate.blockHash);
        const keys = signers.map((i) => current.validators[i]!.blsPublicKey);
        return bls.verifyAggregate(keys, message, fromHex(certificate.signature));
      }),
  };
}

function signerFault(set: ValidatorSet, certificate: Certificate, verifies: (signers: number[]) => boolean): string | undefined {
  const signers = signersOf(certificate, set.validators.length);
  if (signers === undefined) return `the signers ${certificate.signers} are none of the set`;
  const needed = quorum(set.validators.length, set.quorumPercent);
  if (signers.length < needed) return `it has ${signers.length} signers, ${needed} are needed`;
  return verifies(signers) ? undefined : `its signature is not that of ${signers.join(', ')}`;
}

function wordsOf(payload: Payload): string {
  const { type, height, round } = payload;
  if (type === 'roundChange') return `${type}/${height}/${round}/${payload.preparedRound}/${payload.preparedDigest}`;
  return `${type}/${height}/${round}/${payload.digest}/${type === 'commit' ? payload.seal : ''}`;
}

function bitmap(size: number, seals: CommitSeal[]): string {
  const bytes = Buffer.alloc(Math.ceil(size / 8));
  for (const { validator } of seals) bytes[validator >> 3]! |= 1 << (validator & 7);
  return bytes.toString('hex');
}

// The exact shapes of headers, certificates and validator sets that come from untrusted sources.
import { array, hex, integer, literal, object, pattern, text, type Shape } from './shape.js';
import type { BlockHeader, Certificate, Validator, ValidatorSet } from './types.js';

export const MAX_VALIDATORS = 1_000;

export const chainIdShape = text(1, 128);

export const blockHeaderShape: Shape<BlockHeader> = object({
  version: literal(1),
  chainId: chainIdShape,
  height: integer(),
  timestamp: integer(),
  previousHash: hex(32),
  transactionsRoot: hex(32),
  stateRoot: hex(32),
  logSize: integer(),
  logRoot: hex(32),
  validatorsHash: hex(32),
  nextValidatorsHash: hex(32),
  proposer: integer(0, MAX_VALIDATORS - 1),
});

export const certificateShape: Shape<Certificate> = object({
  height: integer(),
  round: integer(0, 0xffff_ffff),
  blockHash: hex(32),
  signers: pattern(/^(?:[0-9a-f]{2}){1,125}$/, `a bitmap of 1 to ${MAX_VALIDATORS / 8} bytes in lower-case hex`),
  signature: hex(96),
});

export const validatorMembers = {
  blsPublicKey: hex(48),
  blsProofOfPossession: hex(96),
  ed25519PublicKey: hex(32),
  address: text(1, 253),
};
export const validatorShape: Shape<Validator> = object(validatorMembers);

export const validatorSetShape: Shape<ValidatorSet> = object({
  validators: array(validatorShape, 1, MAX_VALIDATORS),
  quorumPercent: integer(1, 100),
});

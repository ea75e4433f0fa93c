// What a BLS12-381 back end provides: minimal-pubkey-size signatures with proof of possession (draft-irtf-cfrg-bls-signature-05, section 4.2.3).

export const BLS_SIGNATURE_TAG = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
export const BLS_POSSESSION_TAG = 'BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
export const BLS_SECRET_KEY_BYTES = 32;
export const BLS_PUBLIC_KEY_BYTES = 48;
export const BLS_SIGNATURE_BYTES = 96;
export const BLS_MIN_KEY_MATERIAL_BYTES = 32;

export type BlsErrorCode = 'BadSecretKey' | 'BadKeyMaterial' | 'BadSignature' | 'Empty' | 'NoBackend';

export class BlsError extends Error {
  override readonly name = 'BlsError';
  constructor(
    readonly code: BlsErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** One signature of several over the same message. */
export interface AggregateSignature {
  publicKeys: string[];
  message: Uint8Array;
  signature: Uint8Array;
}

/**
 * Keys are hex (secret 32 bytes big-endian, public 48 bytes compressed), signatures 96 bytes compressed. Points outside the
 * prime-order subgroup and the point at infinity are refused. `verify…` and `validate…` return false on malformed input and
 * never throw; the others throw BlsError. Verifying an aggregate is sound only for keys whose possession was proved.
 */
export interface BlsBackend {
  readonly name: 'blst' | 'noble';
  /** KeyGen of the draft, section 2.3; at least 32 bytes of secret key material. */
  keyFromSeed(keyMaterial: Uint8Array): string;
  publicKey(secretKey: string): string;
  sign(secretKey: string, message: Uint8Array): Uint8Array;
  verify(publicKey: string, message: Uint8Array, signature: Uint8Array): boolean;
  aggregate(signatures: Uint8Array[]): Uint8Array;
  /** FastAggregateVerify: all signed the same message. An empty list is false. */
  verifyAggregate(publicKeys: string[], message: Uint8Array, signature: Uint8Array): boolean;
  /** Whether all are good, each as verifyAggregate would say; one that is not passes with a chance of 2^-63 at most. No list is too short. */
  verifyAggregates(all: readonly AggregateSignature[]): boolean;
  provePossession(secretKey: string): Uint8Array;
  verifyPossession(publicKey: string, proof: Uint8Array): boolean;
  validatePublicKey(publicKey: string): boolean;
}

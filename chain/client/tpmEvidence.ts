// A TPM quote in the form in which commitments carry it, from the files that tpm2-tools write.
import { P256_SPKI_PREFIX } from '../../crypto/ecdsaP256.js';
import { toHex } from '../../crypto/encoding.js';
import { plainEcdsaSignature } from '../../crypto/tpmQuote.js';
import type { NodeCommitment } from '../types.js';

export type TpmEvidence = NonNullable<NodeCommitment['attestationProof']>;
export interface TpmFiles {
  /** TPMS_ATTEST */
  attested: Uint8Array;
  /** DER */
  signature: Uint8Array;
  /** SubjectPublicKeyInfo, DER */
  key: Uint8Array;
  /** SHA-256 values of the quoted PCRs, one after another. */
  pcrs: Uint8Array;
}

const PCR_BYTES = 32;

/** undefined when the key is not ECDSA on P-256. */
export function tpmEvidence({ attested, signature, key, pcrs }: TpmFiles, quoted: readonly number[]): TpmEvidence | undefined {
  const spki = toHex(key);
  const plain = plainEcdsaSignature(signature);
  if (!spki.startsWith(P256_SPKI_PREFIX) || plain === undefined) return undefined;
  const values = quoted.map((index, at): [string, string] => [String(index), toHex(pcrs.subarray(PCR_BYTES * at, PCR_BYTES * (at + 1)))]);
  return { attested: toHex(attested), signature: plain, key: spki.slice(P256_SPKI_PREFIX.length), pcrs: Object.fromEntries(values) };
}

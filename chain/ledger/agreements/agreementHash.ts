// What the parties of an agreement sign: the hash of its subject under a domain of its own (the plan: AgreementDeployment; agreement 8.1, 12.1).
import { AGREEMENT_SIGNATURE_DOMAIN, agreementSubject } from '../../../api/agreementSubject.js';
import type { AgreementSpec } from '../../../api/index.js';
import { sha256OfJson } from '../../../crypto/canonicalJson.js';
import { concatBytes, fromHex, utf8 } from '../../../crypto/encoding.js';

const TAG = concatBytes(utf8(AGREEMENT_SIGNATURE_DOMAIN), Uint8Array.of(0));

/** sha256 of the subject's canonical JSON, hex. */
export function agreementHash(spec: AgreementSpec): string {
  return sha256OfJson(agreementSubject(spec));
}

export function agreementMessage(hash: string): Uint8Array {
  return concatBytes(TAG, fromHex(hash, 32));
}

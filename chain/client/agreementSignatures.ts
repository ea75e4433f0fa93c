// The parties' signatures under an agreement: made with a party's key, and checked one by one (the plan: AgreementDeployment; agreement 12.1).
import { AGREEMENT_SIGNATURE_DOMAIN, agreementSubject, missingSignatures } from '../../api/agreementSubject.js';
import type { FieldError } from '../../api/fieldError.js';
import type { AgreementSpec } from '../../api/index.js';
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, isHex, toHex, utf8 } from '../../crypto/encoding.js';
import type { AccountKey } from './keyFile.js';

const TAG = concatBytes(utf8(AGREEMENT_SIGNATURE_DOMAIN), Uint8Array.of(0));
const SIGNATURE_BYTES = 64;

/** sha256 of the canonical JSON of what the parties sign, hex. */
export function agreementHash(spec: AgreementSpec): string {
  return sha256OfJson(agreementSubject(spec));
}

const messageOf = (spec: AgreementSpec) => concatBytes(TAG, fromHex(agreementHash(spec), 32));

/** The spec with the signature of the party that has this key put in the place of its earlier one. Throws RangeError when no party has the key. */
export function signAgreement(spec: AgreementSpec, key: AccountKey): AgreementSpec {
  const party = spec.parties.find(({ publicKey }) => publicKey === key.publicKey);
  if (!party) {
    const parties = spec.parties.map(({ name, publicKey }) => `${name} (${publicKey})`).join(', ');
    throw new RangeError(`no party of agreement ${spec.agreementId} has the public key ${key.publicKey}; its parties are ${parties}`);
  }
  const signature = toHex(signEd25519(key.privateKey, messageOf(spec)));
  const others = (spec.signatures ?? []).filter((signed) => signed.party !== party.name);
  return { ...spec, signatures: [...others, { party: party.name, signature }] };
}

export interface SignatureFindings {
  /** Signatures that do not fit the agreement's text or are by no party. */
  errors: FieldError[];
  /** Parties that have not signed yet. */
  missing: string[];
}

export function verifyAgreementSignatures(spec: AgreementSpec): SignatureFindings {
  const message = messageOf(spec);
  const errors = (spec.signatures ?? []).flatMap(({ party, signature }, index): FieldError[] => {
    const path = `spec.signatures[${index}]`;
    const signer = spec.parties.find(({ name }) => name === party);
    if (!signer) {
      const cure = `sign as one of ${spec.parties.map(({ name }) => name).join(', ')}`;
      return [{ path: `${path}.party`, value: party, message: 'is not a party of the agreement', cure }];
    }
    if (isHex(signature, SIGNATURE_BYTES) && verifyEd25519(signer.publicKey, message, fromHex(signature))) return [];
    const cure = `have ${party} sign this text with the key of its publicKey (kubectl enc agreement sign)`;
    return [{ path: `${path}.signature`, value: signature, message: `is not ${party}'s signature under this text`, cure }];
  });
  return { errors, missing: missingSignatures(spec) };
}

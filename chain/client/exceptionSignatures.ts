// Approvers' signatures under a PolicyException: made with an approver's key, and checked one by one.
import { EXCEPTION_SIGNATURE_DOMAIN, exceptionSubject } from '../../api/exceptionSubject.js';
import type { FieldError } from '../../api/fieldError.js';
import type { PolicyExceptionSpec } from '../../api/index.js';
import { sha256OfJson } from '../../crypto/canonicalJson.js';
import { signEd25519, verifyEd25519 } from '../../crypto/ed25519.js';
import { concatBytes, fromHex, isHex, toHex, utf8 } from '../../crypto/encoding.js';
import type { AccountKey } from './keyFile.js';

const TAG = concatBytes(utf8(EXCEPTION_SIGNATURE_DOMAIN), Uint8Array.of(0));
const SIGNATURE_BYTES = 64;

/** sha256 of the canonical JSON of what is signed, hex. */
export const exceptionHash = (name: string, spec: PolicyExceptionSpec): string => sha256OfJson(exceptionSubject(name, spec));
const messageOf = (name: string, spec: PolicyExceptionSpec) => concatBytes(TAG, fromHex(exceptionHash(name, spec), 32));

/** The spec with the key's signature put in the place of its earlier one. */
export function signException(name: string, spec: PolicyExceptionSpec, { publicKey, privateKey }: AccountKey): PolicyExceptionSpec {
  const others = (spec.approvals ?? []).filter((given) => given.publicKey !== publicKey);
  return { ...spec, approvals: [...others, { publicKey, signature: toHex(signEd25519(privateKey, messageOf(name, spec))) }] };
}

/** Signatures that do not fit the exception's text. */
export function exceptionSignatureErrors(name: string, spec: PolicyExceptionSpec): FieldError[] {
  const message = messageOf(name, spec);
  return (spec.approvals ?? []).flatMap(({ publicKey, signature }, index) => {
    if (isHex(signature, SIGNATURE_BYTES) && verifyEd25519(publicKey, message, fromHex(signature))) return [];
    const cure = 'have its owner sign this name and text (kubectl enc exception sign)';
    return [{ path: `spec.approvals[${index}].signature`, value: signature, message: `is not the signature of ${publicKey} under this exception`, cure }];
  });
}

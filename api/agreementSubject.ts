// What the agreement hash is taken over: everything the parties sign (the plan: AgreementDeployment; agreement 8.1 agreement_hash).
import type { AgreementSpec } from './index.js';

export type AgreementSubject = Pick<AgreementSpec, 'agreementId' | 'version' | 'parties' | 'terms' | 'jurisdiction' | 'courtId' | 'enforcementRules'>;

/** Domain of a party's signature: Ed25519 over utf8(this) ‖ 0x00 ‖ sha256 of the subject's canonical JSON. */
export const AGREEMENT_SIGNATURE_DOMAIN = 'enc-agreement-v1';

export function agreementSubject({ agreementId, version, parties, terms, jurisdiction, courtId, enforcementRules }: AgreementSpec): AgreementSubject {
  return { agreementId, version, parties, terms, jurisdiction, courtId, enforcementRules };
}

/** Parties whose signature is not there (there: not yet verified), by name. */
export function missingSignatures(spec: AgreementSpec): string[] {
  const signed = new Set(spec.signatures.map(({ party }) => party));
  return spec.parties.map(({ name }) => name).filter((name) => !signed.has(name));
}

// What the approvers of a PolicyException sign: everything it says, and its name, without their own signatures.
import type { PolicyExceptionSpec } from './index.js';

export const EXCEPTION_SIGNATURE_DOMAIN = 'enc-policy-exception-v1';

/** Plain JSON, to be hashed as canonical JSON. */
export function exceptionSubject(name: string, { targets, breakGlass, scope, reason, expiresAt }: PolicyExceptionSpec): object {
  return { name, targets, ...(breakGlass ? { breakGlass } : {}), scope, reason, expiresAt };
}

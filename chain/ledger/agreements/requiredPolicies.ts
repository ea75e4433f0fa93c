// Which agreement in force pins a policy (ADR 3).
import type { AgreementSpec } from '../../../api/index.js';
import { currentMembers, specAt } from '../policySet/policySet.js';
import type { Overlay } from '../state.js';

/** Name of an Agreement in force that requires the BisoPolicy, the first in order. */
export function requiringAgreement(state: Overlay, policy: string): string | undefined {
  return currentMembers(state).find(
    ({ kind, state: agreementState, hash }) =>
      kind === 'Agreement' && agreementState === 'InForce' && specAt<AgreementSpec>(state, hash).terms.requiredPolicies.includes(policy),
  )?.name;
}

// What is on the ledger about a BisoPolicy, TrafficRule or PolicyException.
import type { BisoPolicy, PolicyException, TrafficRule } from '../../api/index.js';
import type { PolicySetMember } from '../../chain/types.js';
import type { PolicySetReader } from '../ledger/policySetReader.js';
import type { Refused } from '../ledger/refusalMemory.js';

export type PolicyObject = BisoPolicy | TrafficRule | PolicyException;

export interface SeenPolicyObject<R extends PolicyObject = PolicyObject> {
  object: R;
  /** The member of this kind and name in the current policy set, whatever its uid. */
  member: PolicySetMember | undefined;
  policyHeight: number;
  /** The ledger refused this generation and would do so again. */
  refused: Refused | undefined;
}

export async function gather<R extends PolicyObject>(
  policies: PolicySetReader,
  object: R,
  refused: (policyHeight: number) => Refused | undefined,
  minHeight?: number,
): Promise<SeenPolicyObject<R>> {
  const { member, policyHeight } = await policies.member(object.kind, object.metadata.name, minHeight);
  return { object, member, policyHeight, refused: refused(policyHeight) };
}

// BisoPolicies, TrafficRules and PolicyExceptions: members of the policy set that differ in their spec only, so one reconciler serves them all.
import type { PolicySetReader } from '../ledger/policySetReader.js';
import type { ResourceKind, StatusPart } from '../reconcile/resourceReconciler.js';
import { plan, status } from './decide.js';
import { gather, type PolicyObject, type SeenPolicyObject } from './gather.js';

export function policyObjectKind<R extends PolicyObject>(
  kind: R['kind'],
  policies: PolicySetReader,
): ResourceKind<R, SeenPolicyObject<R>> {
  return {
    kind,
    gather: (object, refused, minHeight) => gather(policies, object, refused, minHeight),
    plan: (seen) => plan(seen as SeenPolicyObject),
    status: (seen, present) => status(seen as SeenPolicyObject, present) as StatusPart<R>,
  };
}

// BisoPolicies and TrafficRules: members of the policy set that differ in their spec only, so one reconciler serves both.
import type { BisoPolicy, TrafficRule } from '../../api/index.js';
import type { PolicySetReader } from '../ledger/policySetReader.js';
import type { ResourceKind, StatusPart } from '../reconcile/resourceReconciler.js';
import { plan, status } from './decide.js';
import { gather, type SeenPolicyObject } from './gather.js';

export function policyObjectKind<R extends BisoPolicy | TrafficRule>(
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

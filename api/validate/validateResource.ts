// The one table from kind to what checks it; `old` is the object as it was, on an update.
import type { FieldError } from '../fieldError.js';
import type { Resource, ResourceByKind } from '../index.js';
import type { Kind } from '../labels.js';
import { validateDispute, validateProposal } from './signedObjects.js';
import { validateAgreement } from './validateAgreement.js';
import { validateBisoPolicy } from './validateBisoPolicy.js';
import { validateEncCluster } from './validateEncCluster.js';
import { validatePolicyException } from './validatePolicyException.js';
import { validateTrafficRule } from './validateTrafficRule.js';
import { validateWorkload } from './validateWorkload.js';

const validators: { [K in Kind]: (object: ResourceByKind[K], old?: ResourceByKind[K]) => FieldError[] } = {
  EncCluster: validateEncCluster,
  Workload: validateWorkload,
  Agreement: validateAgreement,
  BisoPolicy: validateBisoPolicy,
  TrafficRule: validateTrafficRule,
  PolicyException: validatePolicyException,
  Proposal: validateProposal,
  Dispute: validateDispute,
};

/** Everything that is wrong with an object of any of the kinds; empty when nothing is. */
export function validateResource<R extends Resource>(object: R, old?: R): FieldError[] {
  return (validators[object.kind] as (object: R, old?: R) => FieldError[])(object, old);
}

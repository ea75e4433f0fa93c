// The definitions of the project's kinds: whoever may edit them is seen, and cannot take them away while the ledger has objects of them in force.
import { GROUP, PLURALS } from '../../api/labels.js';
import type { PolicySet, Violation } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';
import type { AdmissionRequest } from '../admission/review.js';
import { factsOf, type Check } from './check.js';

/** How many objects of the definition's kind are in force; Workloads are counted elsewhere. */
function inForce(set: PolicySet, definition: string): number {
  const counts: Record<string, number> = {
    [PLURALS.EncCluster]: set.clusters.length,
    [PLURALS.Agreement]: set.agreements.length,
    [PLURALS.BisoPolicy]: set.policies.length,
    [PLURALS.TrafficRule]: set.rules.length,
    [PLURALS.PolicyException]: set.exceptions?.length ?? 0,
    [PLURALS.Workload]: set.clusters.length,
  };
  return counts[definition.slice(0, -`.${GROUP}`.length)] ?? 0;
}

function guardsOf({ operation, name }: AdmissionRequest, set: PolicySet): Violation[] {
  const objects = inForce(set, name);
  if (operation !== 'DELETE' || objects === 0) return [];
  const message = `deleting ${name} would delete every object of its kind, while the ledger has what they say in force`;
  return [guard('DefinitionInUse', message, 'delete the objects first, each with its own verdict')];
}

const specOf = (object: AdmissionRequest['object']) => JSON.stringify(object?.spec);

/** A changed definition is allowed (that is how an upgrade comes) and leaves its receipt. */
export const checkDefinition: Check = (request, context) => {
  if (!request.name.endsWith(`.${GROUP}`)) return Promise.resolve(null);
  if (request.operation === 'UPDATE' && specOf(request.object) === specOf(request.oldObject)) return Promise.resolve(null);
  const guards = guardsOf(request, context.client.policySet());
  const { uid = '' } = (request.object ?? request.oldObject)?.metadata ?? {};
  const object = { kind: 'CustomResourceDefinition', namespace: '', name: request.name, uid, specHash: '' };
  return Promise.resolve(factsOf(request, context, { namespace: { name: '', labels: {} }, object, guards }));
};

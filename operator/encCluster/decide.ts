// Decides what an EncCluster needs to be registered, and how it is doing (the plan: EncClusterRegistration).
import type { ConditionInput } from '../../api/conditions.js';
import type { EncCluster } from '../../api/index.js';
import { transaction, type Plan } from '../reconcile/plan.js';
import { isInSync, planRegistration, registrationConditions } from '../reconcile/registration.js';
import type { StatusPart } from '../reconcile/resourceReconciler.js';
import type { SeenEncCluster } from './gather.js';

/** Nodes, validators and height are looked at this often when nothing else calls for it. */
const REFRESH_MS = 30_000;

export function plan({ object, member, refused }: SeenEncCluster): Plan {
  const { name, uid = '', generation = 0 } = object.metadata;
  const decided = planRegistration({
    object,
    onLedger: member,
    refused,
    put: transaction('cluster.put', { name, uid, generation, spec: object.spec }),
    remove: transaction('cluster.remove', { name, uid }),
  });
  return { againMs: REFRESH_MS, ...decided };
}

/** What is wrong with the running of it; empty when nothing is. */
function troubles({ validators, stalled, nodes }: SeenEncCluster): string[] {
  const away = validators.filter(({ connected }) => !connected).map(({ address }) => address);
  return [
    ...(stalled ? ['no block was finalised for some time'] : []),
    ...(away.length > 0 ? [`${away.join(', ')} signed none of the recent blocks`] : []),
    ...(nodes.total > 0 && nodes.ready === 0 ? [`none of ${nodes.total} nodes is ready`] : []),
  ];
}

/** The height is that of the last pass: writing status does not call for another one. */
export function status(seen: SeenEncCluster): StatusPart<EncCluster> {
  const { object, member, refused, chainId, height, validators, nodes } = seen;
  const inSync = isInSync(object, member);
  const wrong = troubles(seen);
  const health: ConditionInput =
    wrong.length > 0
      ? { type: 'Healthy', status: 'False', reason: 'Degraded', message: wrong.join('; ') }
      : { type: 'Healthy', status: 'True', reason: 'AllTakePart', message: `${validators.length} validators take part` };
  return {
    phase: !inSync ? 'Pending' : wrong.length > 0 ? 'Degraded' : 'Registered',
    chainId,
    height,
    validators,
    nodes,
    conditions: [...registrationConditions({ object, onLedger: member, refused }, `registered with ${chainId}`), health],
  };
}

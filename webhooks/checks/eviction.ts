// Evictions in enforced namespaces: harmless, for what comes in the pod's place needs its own verdict and placement, but never without a receipt.
import { factsOf, type Check } from './check.js';
import { enforcementOf } from './enforcement.js';

export const checkEviction: Check = async (request, context) => {
  const enforcement = await enforcementOf(request.namespace, context);
  if (!enforcement) return null;
  const name = request.name || request.object?.metadata?.name || 'pod';
  const uid = (await context.podUid(request.namespace, name)) ?? '';
  return factsOf(request, context, { ...enforcement, object: { kind: 'Eviction', namespace: request.namespace, name, uid, specHash: '' } });
};

// A small payload for tests that only need some transaction.
import type { Payloads } from '../../types.js';

export const reconcileReport: Payloads['reconcile.report'] = {
  object: { kind: 'Workload', namespace: 'shop', name: 'cart', uid: 'u1' },
  generation: 1,
  outcome: 'applied',
  reason: 'made',
  actions: [],
};

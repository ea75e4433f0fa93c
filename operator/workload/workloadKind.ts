// Workloads: registered on the ledger before their pods are made, and followed to their end.
import type { Workload } from '../../api/index.js';
import type { ResourceKind } from '../reconcile/resourceReconciler.js';
import { plan } from './decide.js';
import { gather, type SeenWorkload, type WorkloadSources } from './gather.js';
import { status } from './status.js';

export function workloadKind(sources: WorkloadSources): ResourceKind<Workload, SeenWorkload> {
  return {
    kind: 'Workload',
    gather: (object, refused, minHeight) => gather(sources, object, refused, minHeight),
    plan,
    status,
    applied(object, { applied, released }) {
      for (const child of applied) sources.applied.remember(object, child);
      if (released) sources.applied.forget(object);
    },
  };
}

// EncClusters: registered with the mainnet; their status is refreshed at an interval.
import type { EncCluster } from '../../api/index.js';
import type { ResourceKind } from '../reconcile/resourceReconciler.js';
import { plan, status } from './decide.js';
import { gather, type EncClusterSources, type SeenEncCluster } from './gather.js';

export function encClusterKind(sources: EncClusterSources): ResourceKind<EncCluster, SeenEncCluster> {
  return {
    kind: 'EncCluster',
    gather: (object, refused, minHeight) => gather(sources, object, refused, minHeight),
    plan,
    status,
  };
}

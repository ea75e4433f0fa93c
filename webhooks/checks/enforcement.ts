// Finds out whether, and by which EncCluster, the namespace of a request is enforced.
import { EXEMPT_NAMESPACES } from '../../api/labels.js';
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import type { AdmissionFacts } from '../../policy/types.js';
import type { CheckContext } from './check.js';

export interface Enforcement {
  cluster: string;
  namespace: AdmissionFacts['namespace'];
}

export async function enforcementOf(name: string, context: CheckContext): Promise<Enforcement | null> {
  if (EXEMPT_NAMESPACES.includes(name)) return null;
  const namespace = { name, labels: await context.namespaceLabels(name) };
  const cluster = enforcingCluster(context.client.policySet(), namespace);
  return cluster === null ? null : { cluster, namespace };
}

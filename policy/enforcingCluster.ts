// Tells which EncCluster, if any, enforces a namespace.
import { EXEMPT_NAMESPACES } from '../api/labels.js';
import { byText } from './compiledPolicySet.js';
import { selects } from './labelSelector.js';
import type { PolicySet } from './types.js';

/** Name of the first EncCluster (by name) whose enforcedNamespaceSelector selects the namespace; null for none and for namespaces exempt by name. */
export function enforcingCluster(set: PolicySet, namespace: { name: string; labels: Record<string, string> }): string | null {
  if (EXEMPT_NAMESPACES.includes(namespace.name)) return null;
  const matching = set.clusters.filter(({ spec }) => selects(spec.enforcedNamespaceSelector, namespace.labels));
  return matching.map(({ name }) => name).toSorted(byText)[0] ?? null;
}

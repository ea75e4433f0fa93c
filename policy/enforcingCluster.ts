// Tells which EncCluster, if any, enforces a namespace.
import { EXEMPT_NAMESPACES } from '../api/labels.js';
import { compilePolicySet } from './compiledPolicySet.js';
import { selects } from './labelSelector.js';
import type { PolicySet } from './types.js';

/** Name of the first EncCluster (by name) whose enforcedNamespaceSelector selects the namespace; null for none and for namespaces exempt by name. */
export function enforcingCluster(set: PolicySet, namespace: { name: string; labels: Record<string, string> }): string | null {
  if (EXEMPT_NAMESPACES.includes(namespace.name)) return null;
  return compilePolicySet(set).clusters.find(({ spec }) => selects(spec.enforcedNamespaceSelector, namespace.labels))?.name ?? null;
}

// Namespaces: one that is enforced cannot be relabelled out of enforcement.
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import { guard } from '../../policy/violation.js';
import { factsOf, type Check } from './check.js';

export const checkNamespace: Check = async (request, context) => {
  const set = context.client.policySet();
  const name = request.name || request.object?.metadata?.name || '';
  const clusterWith = (labels: Record<string, string> | undefined) => enforcingCluster(set, { name, labels: labels ?? {} });
  const labels = request.object?.metadata?.labels ?? {};
  const [before, after] = [request.operation === 'UPDATE' ? clusterWith(request.oldObject?.metadata?.labels) : null, clusterWith(labels)];
  if (before === after || (before === null && after === null)) return null;
  const leaves = before !== null;
  return factsOf(request, context, {
    namespace: { name, labels },
    object: { kind: 'Namespace', namespace: '', name, uid: request.object?.metadata?.uid ?? '', specHash: '' },
    guards: leaves
      ? [guard('NamespaceLeavesEnforcement', `the labels would take namespace ${name} out of the enforcement of EncCluster ${before}`, 'keep the labels that its enforcedNamespaceSelector selects; delete the namespace to end enforcement')]
      : [],
  });
};

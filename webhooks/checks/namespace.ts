// Namespaces: one that is enforced cannot be relabelled out of enforcement.
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import { guard } from '../../policy/violation.js';
import { factsOf, type Check } from './check.js';

interface Labelled {
  metadata?: { uid?: string; labels?: Record<string, string> };
}
const labelsOf = (object: Labelled | null) => object?.metadata?.labels ?? {};

/** Concerned when enforcement begins, ends or changes hands; only its beginning is allowed. */
export const checkNamespace: Check = async (request, context) => {
  const set = context.client.policySet();
  const name = request.name || request.object?.metadata?.name || '';
  const enforcedBy = (object: Labelled | null) => (object === null ? null : enforcingCluster(set, { name, labels: labelsOf(object) }));
  const [before, after] = [enforcedBy(request.oldObject), enforcedBy(request.object)];
  if (before === after) return null;
  const leaves = guard(
    'NamespaceLeavesEnforcement',
    `the labels would take namespace ${name} out of the enforcement of EncCluster ${before}`,
    'keep the labels that its enforcedNamespaceSelector selects; delete the namespace to end enforcement',
  );
  return factsOf(request, context, {
    namespace: { name, labels: labelsOf(request.object) },
    object: { kind: 'Namespace', namespace: '', name, uid: request.object?.metadata?.uid ?? '', specHash: '' },
    guards: before === null ? [] : [leaves],
  });
};

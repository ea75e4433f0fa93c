// What policy would say of a Workload's pods at this moment, for its status; the verdicts that count are given at admission and certified.
import type { Workload } from '../../api/index.js';
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import { evaluate } from '../../policy/evaluate.js';
import { dataFactsFrom } from '../../policy/pod/dataFacts.js';
import { podFactsFrom } from '../../policy/pod/podFacts.js';
import type { PodLike } from '../../policy/pod/podLike.js';
import type { PolicySet, Verdict } from '../../policy/types.js';
import { podTemplate } from './podTemplate.js';

/** Null where no EncCluster enforces the namespace. `now` in ms: agreements and time windows depend on it. Throws QuantityError. */
export function previewVerdict(
  set: PolicySet,
  workload: Workload,
  namespaceLabels: Record<string, string>,
  now: number = Date.now(),
): Verdict | null {
  const { name, namespace, uid = '' } = workload.metadata;
  const facts = { name: namespace, labels: namespaceLabels };
  const cluster = enforcingCluster(set, facts);
  if (cluster === null) return null;
  const { metadata, spec } = podTemplate(workload);
  const pod: PodLike = { metadata: { ...metadata, namespace, name }, spec };
  const { data, guards } = dataFactsFrom(pod);
  return evaluate(set, {
    operation: 'CREATE',
    time: now,
    requestUid: '',
    user: '',
    cluster,
    namespace: facts,
    object: { kind: 'Pod', namespace, name, uid: '', specHash: '' },
    workload: { name, uid },
    data,
    pod: podFactsFrom(pod),
    guards,
  });
}

// The verdict that an honest webhook would submit about a pod, for tests that run without webhooks.
import { podSpecHash } from '../../chain/client/podSpecHash.js';
import type { Payloads } from '../../chain/types.js';
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import { evaluate } from '../../policy/evaluate.js';
import { dataFactsFrom } from '../../policy/pod/dataFacts.js';
import { podFactsFrom } from '../../policy/pod/podFacts.js';
import type { AdmissionFacts, PolicySet } from '../../policy/types.js';
import type { Pod } from '../runtime/kubeObject.js';

/** `time` in ms of the chain. */
export function honestVerdict(
  set: PolicySet,
  pod: Pod,
  { time, labels, workload }: { time: number; labels: Record<string, string>; workload: AdmissionFacts['workload'] },
): Payloads['admission.verdict'] {
  const { name, namespace, uid } = pod.metadata;
  const { data, guards } = dataFactsFrom(pod);
  const facts: AdmissionFacts = {
    operation: 'CREATE',
    time,
    requestUid: `request-${uid}`,
    user: 'test',
    cluster: enforcingCluster(set, { name: namespace, labels }),
    namespace: { name: namespace, labels },
    object: { kind: 'Pod', namespace, name, uid, specHash: podSpecHash(pod) },
    workload,
    data,
    pod: podFactsFrom(pod),
    guards,
  };
  return { facts, verdict: evaluate(set, facts) };
}

// What a pod's PolicyReport is about: the Workload that it belongs to, or itself.
import { workloadKeyOf } from '../informers.js';
import type { Pod } from '../runtime/kubeObject.js';

/** namespace/Workload/name or namespace/Pod/name. */
export function subjectKeyOf(pod: Pod): string {
  const workload = workloadKeyOf(pod);
  const { namespace, name } = pod.metadata;
  return workload === undefined ? `${namespace}/Pod/${name}` : workload.replace('/', '/Workload/');
}

// Binds a pod to the node of its certified decision; the webhook on pods/binding checks the same decision.
import { RUNTIME_LABELS } from '../../api/labels.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type Pod } from '../runtime/kubeObject.js';

export type Binding = 'bound' | 'gone';

/** Where the API server copies a Binding's labels, the pod has its node's region from the moment on at which it is bound; elsewhere it is marked later. The uid keeps it from a pod of the same name that was made since. Rejects with KubeError when the API server or the webhook refuses. */
export async function bindPod(api: KubeApi, { metadata: { name, namespace, uid } }: Pod, node: string, region: string | undefined): Promise<Binding> {
  const path = RESOURCES.Pod.path(name, namespace);
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace, uid, ...(region === undefined ? {} : { labels: { [RUNTIME_LABELS.region]: region } }) }, target: { apiVersion: 'v1', kind: 'Node', name: node } };
  try {
    await api.create(`${path}/binding`, binding);
    return 'bound';
  } catch (error) {
    if (isKubeError(error, 'NotFound')) return 'gone';
    if (!isKubeError(error, 'Conflict')) throw error;
    const now = await api.get<Pod>(path);
    if (now.metadata.uid !== uid) return 'gone';
    if (now.spec.nodeName === node) return 'bound';
    throw error;
  }
}

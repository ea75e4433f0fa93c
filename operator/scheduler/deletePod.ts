// Deletes one pod, never another of its name.
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type Pod } from '../runtime/kubeObject.js';

/** With the pod's own grace period. Rejects with KubeError. */
export async function deletePod(api: KubeApi, { metadata: { name, namespace, uid } }: Pod): Promise<void> {
  try {
    await api.delete(RESOURCES.Pod.path(name, namespace), { preconditions: { uid } });
  } catch (error) {
    if (!isKubeError(error, 'NotFound', 'Conflict')) throw error;
  }
}

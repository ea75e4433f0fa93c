// The uid of a pod by its name, for requests that name a pod without stating which one.
import { ApiException, CoreV1Api, type KubeConfig } from '@kubernetes/client-node';
import type { CheckContext } from './checks/check.js';

/** Asked live: a pod of the same name may have come and gone since. */
export function podUidIn(kubeConfig: KubeConfig): CheckContext['podUid'] {
  const api = kubeConfig.makeApiClient(CoreV1Api);
  return async (namespace, name) => {
    try {
      return (await api.readNamespacedPod({ namespace, name })).metadata?.uid;
    } catch (error) {
      if (error instanceof ApiException && error.code === 404) return undefined;
      throw error;
    }
  };
}

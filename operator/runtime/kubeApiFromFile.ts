// The API server of a kubeconfig; credentials and TLS come from client-node's KubeConfig, which takes half a second to load.
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { HttpsKubeApi, type KubeApi } from './kubeApi.js';
import { KubeError } from './kubeError.js';

/** Throws at once when the kubeconfig cannot be read or used: KubeError 'NoCluster' or 'NotTls'. */
export function kubeApiFromFile(kubeconfig: string, warned?: (warning: string) => void): KubeApi {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new KubeError('NoCluster', 0, 'the kubeconfig has no current cluster: set current-context to one that names a cluster');
  const options = async (): Promise<RequestOptions> => {
    const applied: RequestOptions = {};
    await config.applyToHTTPSOptions(applied);
    return applied;
  };
  return new HttpsKubeApi({ server, options }, warned);
}

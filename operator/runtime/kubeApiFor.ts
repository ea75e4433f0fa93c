// The API server that a program talks to: of its kubeconfig where one is given, else that of its pod, as the pod's service account.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { HttpsKubeApi, type KubeAccess, type KubeApi } from './kubeApi.js';
import { KubeError } from './kubeError.js';

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Rejects with KubeError 'NoCluster' or 'NotTls'. A pod has no kubeconfig, and does not load what reads one. `warned`: as HttpsKubeApi has it. */
export async function kubeApiFor(kubeconfig: string | undefined, warned?: (warning: string) => void): Promise<KubeApi> {
  // eslint-disable-next-line no-restricted-properties -- where the API server is, Kubernetes tells every pod in its environment; nobody configures it
  if (kubeconfig === undefined) return new HttpsKubeApi(podAccess(ACCOUNT_FOLDER, process.env), warned);
  const { kubeApiFromFile } = await import('./kubeApiFromFile.js');
  return kubeApiFromFile(kubeconfig, warned);
}

/** As every pod is given it: token and authority are files that the kubelet renews, the address is in the environment. Throws KubeError 'NoCluster'. */
export function podAccess(folder: string, { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port }: NodeJS.ProcessEnv): KubeAccess {
  const token = path.join(folder, 'token');
  if (!existsSync(token)) throw new KubeError('NoCluster', 0, `${token} is not there: give --kubeconfig, or run in a pod with a service account`);
  if (!host || !port) throw new KubeError('NoCluster', 0, 'KUBERNETES_SERVICE_HOST or KUBERNETES_SERVICE_PORT is not set: give --kubeconfig, or run in a pod');
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    options: async () => ({ ca: await readFile(path.join(folder, 'ca.crt')), headers: { authorization: `Bearer ${(await readFile(token, 'utf8')).trim()}` } }),
  };
}

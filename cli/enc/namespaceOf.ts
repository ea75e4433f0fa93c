// The namespace that a command is about: -n, else that of the kubeconfig's context, else default.
import { kubeconfigFile } from './config.js';
import { openCluster } from './clusterReader.js';
import type { ClusterFlags } from './options.js';

export function namespaceOf(flags: ClusterFlags): string {
  if (flags.namespace !== undefined) return flags.namespace;
  const file = kubeconfigFile(flags.kubeconfig);
  return file === undefined ? 'default' : openCluster(file).namespace;
}

// What a kind cluster of an own node image needs besides kind: its configuration, routes between the nodes' pods, volumes, and a DNS that answers.
import type { AdminKubectl } from '../adminKubectl.js';
import { eventually } from '../shell/eventually.js';
import { runCommand } from '../shell/runCommand.js';
import { makeVolumes } from './volumes.js';

/** Apart from the local provider's, for both may be up on one machine; networkPolicies.yaml names the services' again. */
const POD_SUBNET = '10.245.0.0/16';
const SERVICE_SUBNET = '10.97.0.0/16';
const DNS_WITHIN_MS = 180_000;

export const kindConfig = (workers: number): string => `kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
networking: { podSubnet: ${POD_SUBNET}, serviceSubnet: ${SERVICE_SUBNET}, kubeProxyMode: iptables }
kubeadmConfigPatches:
  - |
    kind: KubeletConfiguration
    apiVersion: kubelet.config.k8s.io/v1beta1
    failCgroupV1: false
nodes:
  - role: control-plane
${'  - role: worker\n'.repeat(workers)}`;

interface NodeAddress {
  metadata: { name: string };
  spec: { podCIDR?: string };
  status: { addresses: { type: string; address: string }[] };
}

export async function completeCluster(kubectl: AdminKubectl, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const nodes = await eventually(
    'every node to have a podCIDR',
    async () => {
      const { items } = JSON.parse(await kubectl(['get', 'nodes', '-o', 'json'])) as { items: NodeAddress[] };
      if (items.some(({ spec }) => !spec.podCIDR)) throw new Error('a node has none yet');
      return items;
    },
    { timeoutMs: 60_000 },
  );
  const names = nodes.map(({ metadata }) => metadata.name);
  for (const on of names) {
    for (const { metadata, spec, status } of nodes.filter((node) => node.metadata.name !== on)) {
      const address = status.addresses.find(({ type }) => type === 'InternalIP')?.address;
      if (!address) throw new Error(`${metadata.name} has no InternalIP`);
      await runCommand('docker', ['exec', on, 'ip', 'route', 'replace', spec.podCIDR!, 'via', address], { environment });
    }
  }
  // One node is too few for a mainnet: the control plane takes pods as well.
  await kubectl(['taint', 'nodes', '--all', 'node-role.kubernetes.io/control-plane-']).catch(() => undefined);
  await makeVolumes(kubectl, names, environment);
  await kubectl(['-n', 'kube-system', 'rollout', 'status', 'daemonset/kube-router', 'deployment/coredns', `--timeout=${DNS_WITHIN_MS / 1_000}s`], { timeoutMs: DNS_WITHIN_MS + 10_000 });
  return names;
}

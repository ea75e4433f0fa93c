// What the real node's kubelet and kube-proxy are told.
import path from 'node:path';
import { flags } from '../local/controlPlaneArguments.js';
import type { LocalLayout } from '../local/layout.js';
import { network } from '../local/network.js';
import type { Ports } from '../local/ports.js';
import { nodeLabels } from '../kwok/kwokNode.js';
import type { Pki } from '../pki/ensurePki.js';
import type { NodeSpec } from '../provider.js';
import { containerdPaths } from './containerdConfig.js';

export function kubeletConfig(layout: LocalLayout, ports: Ports, pki: Pki, nodeName: string) {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.nodeAddress,
    port: ports.kubelet,
    readOnlyPort: 0,
    healthzBindAddress: '127.0.0.1',
    healthzPort: ports.kubeletHealth,
    tlsCertFile: pki.certificate(`kubelet-${nodeName}-server`),
    tlsPrivateKeyFile: pki.key(`kubelet-${nodeName}-server`),
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pki.authority('cluster') } },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: `unix://${containerdPaths(layout.node).socket}`,
    podCIDR: network.pods,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    staticPodPath: layout.staticPods,
    podLogsDir: path.join(layout.node, 'pod-logs'),
    volumePluginDir: layout.volumePlugins,
    // Images have no registry to come back from, and the machine's disk is not this node's alone: never collect, never evict for disk.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%' },
  };
}

export function kubeletArguments(layout: LocalLayout, configFile: string, node: NodeSpec): string[] {
  return flags({
    config: configFile,
    kubeconfig: layout.kubeconfig(`kubelet-${node.name}`),
    'hostname-override': node.name,
    'node-ip': network.nodeAddress,
    'node-labels': Object.entries(nodeLabels(node))
      .filter(([label]) => label.startsWith('topology.kubernetes.io/')) // a kubelet may say no others of its own
      .map((pair) => pair.join('='))
      .join(','),
    'root-dir': path.join(layout.node, 'kubelet'),
    'cert-dir': path.join(layout.node, 'kubelet', 'pki'),
  });
}

export function kubeProxyConfig(layout: LocalLayout, ports: Ports, nodeName: string) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    hostnameOverride: nodeName,
    clientConnection: { kubeconfig: layout.kubeconfig('kube-proxy') },
    clusterCIDR: network.pods,
    bindAddress: network.nodeAddress,
    healthzBindAddress: `127.0.0.1:${ports.kubeProxyHealth}`,
    metricsBindAddress: `127.0.0.1:${ports.kubeProxyMetrics}`,
    nodePortAddresses: ['primary'],
    iptables: { localhostNodePorts: false },
    oomScoreAdj: 0,
    // The machine's connection tracking stays as it is.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

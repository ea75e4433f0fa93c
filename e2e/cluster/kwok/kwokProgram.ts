// The command line of kwok, which plays the kubelet of nodes that are not there.
import { flags } from '../local/controlPlaneArguments.js';
import { network } from '../local/network.js';
import type { Pki } from '../pki/ensurePki.js';

export const FAKE_NODE_ANNOTATION = { 'kwok.x-k8s.io/node': 'fake' };

export function kwokArguments({ kubeconfig, stagesFile, port, pki }: { kubeconfig: string; stagesFile: string; port: number; pki: Pki }): string[] {
  return flags({
    kubeconfig,
    config: stagesFile,
    'manage-all-nodes': false,
    'manage-nodes-with-annotation-selector': Object.entries(FAKE_NODE_ANNOTATION)
      .map((pair) => pair.join('='))
      .join(','),
    cidr: network.kwokPods,
    'node-ip': '127.0.0.1',
    'node-port': port,
    'server-address': `127.0.0.1:${port}`,
    'tls-cert-file': pki.certificate('kwok-server'),
    'tls-private-key-file': pki.key('kwok-server'),
    'node-lease-duration-seconds': 40,
  });
}

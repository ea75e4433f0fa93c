// Who gets which certificate in a local cluster.
import type { Subject } from './certificates.js';
import { network } from '../local/network.js';

export type Authority = 'cluster' | 'etcd';
export interface Issued extends Subject {
  authority: Authority;
}

const LOOPBACK = '127.0.0.1';
const client = (commonName: string, organization?: string): Issued => ({ authority: 'cluster', commonName, organization, usage: ['client'] });

/** File name (without ending) → what is in the certificate. `realNodes` are the names of nodes that get a kubelet. */
export function certificateSubjects(realNodes: readonly string[]): Record<string, Issued> {
  const subjects: Record<string, Issued> = {
    // etcd talks to itself as a peer, so its own certificate serves both ways.
    etcd: { authority: 'etcd', commonName: 'etcd', usage: ['server', 'client'], names: ['localhost'], addresses: [LOOPBACK] },
    'etcd-client': { authority: 'etcd', commonName: 'kube-apiserver', usage: ['client'] },
    'kube-apiserver': {
      authority: 'cluster',
      commonName: 'kube-apiserver',
      usage: ['server'],
      names: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'],
      addresses: [LOOPBACK, network.apiServerService],
    },
    'kubelet-client': client('kube-apiserver-kubelet-client', 'system:masters'),
    admin: client('enc-admin', 'system:masters'),
    'kube-controller-manager': client('system:kube-controller-manager'),
    'kube-scheduler': client('system:kube-scheduler'),
    'kube-proxy': client('system:kube-proxy'),
    kwok: client('kwok', 'system:masters'),
    'kwok-server': { authority: 'cluster', commonName: 'kwok', usage: ['server'], addresses: [LOOPBACK] },
  };
  for (const node of realNodes) {
    subjects[`kubelet-${node}`] = client(`system:node:${node}`, 'system:nodes');
    subjects[`kubelet-${node}-server`] = {
      authority: 'cluster',
      commonName: `system:node:${node}`,
      organization: 'system:nodes',
      usage: ['server'],
      names: [node],
      addresses: [network.nodeAddress],
    };
  }
  return subjects;
}

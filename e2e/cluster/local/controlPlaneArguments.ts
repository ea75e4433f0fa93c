// The command lines of etcd, kube-apiserver, kube-controller-manager and kube-scheduler.
import type { Pki } from '../pki/ensurePki.js';
import { network } from './network.js';

const LOOPBACK = '127.0.0.1';

/** `{ 'secure-port': 1 }` → `--secure-port=1`; undefined is left out, an array is repeated. */
export function flags(values: Record<string, string | number | boolean | undefined | readonly string[]>): string[] {
  return Object.entries(values).flatMap(([name, value]) => {
    if (value === undefined) return [];
    return (Array.isArray(value) ? value : [value]).map((one) => `--${name}=${one}`);
  });
}

export interface EtcdSettings {
  dataDir: string;
  clientPort: number;
  peerPort: number;
  pki: Pki;
  /** Faster, and lost by a power cut: for tests. */
  unsafeNoFsync?: boolean;
}

export function etcdArguments({ dataDir, clientPort, peerPort, pki, unsafeNoFsync }: EtcdSettings): string[] {
  const client = `https://${LOOPBACK}:${clientPort}`;
  const peer = `https://${LOOPBACK}:${peerPort}`;
  const tls = {
    'cert-file': pki.certificate('etcd'),
    'key-file': pki.key('etcd'),
    'trusted-ca-file': pki.authority('etcd'),
    'client-cert-auth': true,
  };
  return flags({
    name: 'enc',
    'data-dir': dataDir,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peer,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': `enc=${peer}`,
    ...tls,
    ...Object.fromEntries(
      Object.entries(tls).map(([name, value]) => [name === 'client-cert-auth' ? 'peer-client-cert-auth' : `peer-${name}`, value]),
    ),
    'auto-compaction-retention': '1h',
    'log-level': 'warn',
    'unsafe-no-fsync': unsafeNoFsync || undefined,
  });
}

export interface ApiServerSettings {
  port: number;
  etcdPort: number;
  pki: Pki;
  /** Pods get a ServiceAccount's token; needs a controller manager to make the accounts. */
  serviceAccounts: boolean;
  audit?: { policyFile: string; logFile: string };
}

export function apiServerArguments({ port, etcdPort, pki, serviceAccounts, audit }: ApiServerSettings): string[] {
  return flags({
    'bind-address': LOOPBACK,
    'advertise-address': network.advertised,
    'secure-port': port,
    'etcd-servers': `https://${LOOPBACK}:${etcdPort}`,
    'etcd-cafile': pki.authority('etcd'),
    'etcd-certfile': pki.certificate('etcd-client'),
    'etcd-keyfile': pki.key('etcd-client'),
    'tls-cert-file': pki.certificate('kube-apiserver'),
    'tls-private-key-file': pki.key('kube-apiserver'),
    'client-ca-file': pki.authority('cluster'),
    'kubelet-client-certificate': pki.certificate('kubelet-client'),
    'kubelet-client-key': pki.key('kubelet-client'),
    'kubelet-certificate-authority': pki.authority('cluster'),
    'kubelet-preferred-address-types': 'InternalIP',
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': pki.serviceAccountPublic,
    'service-account-signing-key-file': pki.serviceAccountKey,
    'service-cluster-ip-range': network.services,
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'disable-admission-plugins': serviceAccounts ? undefined : 'ServiceAccount',
    'allow-privileged': true,
    'audit-policy-file': audit?.policyFile,
    'audit-log-path': audit?.logFile,
    'audit-log-maxsize': audit && 100,
    'audit-log-maxbackup': audit && 2,
  });
}

export interface ControllerSettings {
  port: number;
  kubeconfig: string;
}

/** `volumePlugins` is a folder that it makes; unless told, it makes one under /usr. */
export function controllerManagerArguments({
  port,
  kubeconfig,
  pki,
  volumePlugins,
}: ControllerSettings & { pki: Pki; volumePlugins: string }): string[] {
  return flags({
    'bind-address': LOOPBACK,
    'secure-port': port,
    kubeconfig,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'leader-elect': false,
    'use-service-account-credentials': true,
    'root-ca-file': pki.authority('cluster'),
    'client-ca-file': pki.authority('cluster'),
    'flex-volume-plugin-dir': volumePlugins,
    'service-account-private-key-file': pki.serviceAccountKey,
    'cluster-signing-cert-file': pki.authority('cluster'),
    'cluster-signing-key-file': pki.authorityKey('cluster'),
    'service-cluster-ip-range': network.services,
  });
}

export function schedulerArguments({ port, kubeconfig, configFile }: ControllerSettings & { configFile: string }): string[] {
  return flags({
    config: configFile,
    'bind-address': LOOPBACK,
    'secure-port': port,
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
  });
}

/** The scheduler's own limit of 50 requests a second is far below what one machine's API server does. */
export const schedulerConfig = (kubeconfig: string) => ({
  apiVersion: 'kubescheduler.config.k8s.io/v1',
  kind: 'KubeSchedulerConfiguration',
  clientConnection: { kubeconfig, qps: 2_000, burst: 4_000 },
  leaderElection: { leaderElect: false },
});

export const auditPolicy = { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] };

// Where a local cluster keeps what, under its state folder.
import path from 'node:path';
import { ClusterError } from '../clusterError.js';

export interface LocalLayout {
  stateDir: string;
  pki: string;
  kubeconfig(user: string): string;
  etcdData: string;
  pids: string;
  logs: string;
  bin: string;
  config(name: string): string;
  /** The real node's runtime: containerd's and the kubelet's folders and sockets. */
  node: string;
  /** A pod's file in it is run by the real node's kubelet. */
  staticPods: string;
  ports: string;
  volumePlugins: string;
  record: string;
}

/** A unix socket's path has 108 bytes at most (unix(7)); the longest here is under <stateDir>/node. */
const LONGEST_STATE_DIR = 64;

export function localLayout(stateDir: string): LocalLayout {
  if (Buffer.byteLength(stateDir) > LONGEST_STATE_DIR) {
    throw new ClusterError(
      'bad-options',
      `state folder ${stateDir}: longer than ${LONGEST_STATE_DIR} bytes, which the sockets under it cannot have; choose a shorter one`,
    );
  }
  const under = (...names: string[]) => path.join(stateDir, ...names);
  return {
    stateDir,
    pki: under('pki'),
    kubeconfig: (user) => under('kubeconfigs', `${user}.yaml`),
    etcdData: under('etcd'),
    pids: under('pids'),
    logs: under('logs'),
    bin: under('bin'),
    config: (name) => under('config', name),
    node: under('node'),
    staticPods: under('node', 'static-pods'),
    ports: under('ports.json'),
    volumePlugins: under('volume-plugins'),
    record: under('cluster.json'),
  };
}

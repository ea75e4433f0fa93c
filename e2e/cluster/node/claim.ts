// Says which local cluster has the machine's one real node: bridge, iptables chains and /kubepods are the machine's, not a state folder's.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { ClusterError } from '../clusterError.js';
import { localLayout } from '../local/layout.js';
import { Programs } from '../processes/programs.js';

/** Under /run, so that a restart of the machine, which ends the node, ends the claim. */
const CLAIM = '/run/enc-cluster-real-node';
const NODE_PROGRAMS = ['containerd', 'kubelet', 'kube-proxy'];

function owner(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

export const ownsRealNode = (stateDir: string, file = CLAIM): boolean => owner(file) === stateDir;

/** Returns the state folder of a cluster that had the node and died, whose leavings are to be removed. Throws 'real-node-impossible' while another has it. */
export function claimRealNode(stateDir: string, file = CLAIM): string | undefined {
  const before = owner(file);
  if (before === stateDir) return undefined;
  if (before !== undefined) {
    const { pids, logs } = localLayout(before);
    if (NODE_PROGRAMS.some((name) => new Programs(pids, logs).running(name))) {
      throw new ClusterError('real-node-impossible', `the local cluster in ${before} has this machine's real node; stop it first`);
    }
  }
  writeFileSync(file, `${stateDir}\n`);
  return before;
}

export function releaseRealNode(stateDir: string, file = CLAIM): void {
  if (ownsRealNode(stateDir, file)) rmSync(file);
}

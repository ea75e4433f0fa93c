// Tells whether a kubelet that is not this cluster's runs on the machine: two would fight over cgroups and iptables.
import { readFileSync, readdirSync } from 'node:fs';
import { identify, isAlive } from '../processes/processIdentity.js';

export function otherKubeletRuns(ownPid: number | undefined): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name) || Number(name) === ownPid) return false;
    try {
      const found = readFileSync(`/proc/${name}/comm`, 'utf8').trim() === 'kubelet' ? identify(Number(name)) : undefined;
      return found !== undefined && isAlive(found);
    } catch {
      return false;
    }
  });
}

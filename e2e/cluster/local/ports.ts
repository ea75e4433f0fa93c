// Which ports a local cluster listens on: the documented ones where they are free, remembered between runs.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, isFree } from './freePorts.js';

/** Preferred port, and the program that listens on it. */
const PREFERRED = {
  apiServer: [16_443, 'kube-apiserver'],
  etcdClient: [12_379, 'etcd'],
  etcdPeer: [12_380, 'etcd'],
  controllerManager: [11_257, 'kube-controller-manager'],
  scheduler: [11_259, 'kube-scheduler'],
  kwok: [11_247, 'kwok'],
  kubelet: [11_250, 'kubelet'],
  kubeletHealth: [11_248, 'kubelet'],
  kubeProxyHealth: [11_256, 'kube-proxy'],
  kubeProxyMetrics: [11_249, 'kube-proxy'],
} as const;

export type Ports = Record<keyof typeof PREFERRED, number>;

/** A client that asks again and again for what was killed can hold its port for a moment; others know the program by that port. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 100;

async function becomesFree(port: number): Promise<boolean> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isFree(port))) {
    if (Date.now() > deadline) return false;
    await sleep(LOOK_EVERY_MS);
  }
  return true;
}

/** A remembered port is kept while its program runs or it becomes free; otherwise the preferred one or any free one takes its place. */
export async function choosePorts(file: string, isRunning: (program: string) => boolean): Promise<Ports> {
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Ports>) : {};
  const chosen: Partial<Ports> = {};
  for (const [name, [preferred, program]] of Object.entries(PREFERRED) as [keyof Ports, readonly [number, string]][]) {
    const before = known[name];
    const keep = before !== undefined && (isRunning(program) || (await becomesFree(before)));
    chosen[name] = keep ? before : await freePort(preferred);
  }
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(chosen, null, 2));
  return chosen as Ports;
}

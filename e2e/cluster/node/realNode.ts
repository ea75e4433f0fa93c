// Runs the one node that really starts containers: containerd, kubelet and kube-proxy on this machine.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { AdminKubectl } from '../adminKubectl.js';
import { ClusterError } from '../clusterError.js';
import type { ImageArchive } from '../images/ensureImages.js';
import { writeConfig } from '../local/controlPlaneComponents.js';
import { localLayout, type LocalLayout } from '../local/layout.js';
import type { Ports } from '../local/ports.js';
import { labelRealNode, waitForNodes } from '../nodes.js';
import type { Pki } from '../pki/ensurePki.js';
import { ensureRunning, type Component } from '../processes/ensureRunning.js';
import type { Programs } from '../processes/programs.js';
import type { Log, NodeSpec } from '../provider.js';
import { exclusively } from '../shell/exclusively.js';
import { writeWhenChanged } from '../shell/writeWhenChanged.js';
import { claimRealNode, ownsRealNode, releaseRealNode } from './claim.js';
import { cniConfig, containerdConfig, containerdPaths } from './containerdConfig.js';
import { ctr } from './ctr.js';
import { rememberAbsentFolders, removeForeignFolders } from './foreignFolders.js';
import { applyRules, kubeProxyHasItsRules, setUpHostNetwork, tearDownHostNetwork } from './hostNetwork.js';
import { kubeletArguments, kubeletConfig, kubeProxyConfig } from './kubeletConfig.js';
import { examineMachine, isOnOverlay, programPath, type Machine } from './machine.js';
import { removePods } from './removePods.js';

export interface RealNodeSettings {
  node: NodeSpec;
  machine: Machine;
  layout: LocalLayout;
  ports: Ports;
  pki: Pki;
  binaries: Record<string, string>;
  images: ImageArchive[];
  programs: Programs;
  kubectl: AdminKubectl;
  log: Log;
}

const PROGRAMS = ['containerd', 'kubelet', 'kube-proxy'];

async function answersOk(url: string): Promise<boolean> {
  return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}

function containerd({ machine, layout }: RealNodeSettings): Component {
  const { runc, cniBinDir } = machine;
  const command = programPath('containerd');
  if (!runc || !cniBinDir || !command) throw new ClusterError('real-node-impossible', `lacks ${machine.missing.join(', ')}`);
  const paths = containerdPaths(layout.node);
  writeWhenChanged(paths.cniConfig, JSON.stringify(cniConfig(layout.node), null, 2));
  writeWhenChanged(
    paths.config,
    containerdConfig({ nodeDir: layout.node, runc, cniBinDir, snapshotter: isOnOverlay(layout.node) ? 'native' : 'overlayfs' }),
  );
  return {
    program: { name: 'containerd', command, arguments: ['--config', paths.config], inputs: [paths.config] },
    ready: async () => (await ctr(layout.node, ['version'])) !== '',
  };
}

function kubelet({ node, layout, ports, pki, binaries }: RealNodeSettings): Component {
  mkdirSync(layout.staticPods, { recursive: true });
  const configFile = writeConfig(layout.config('kubelet.yaml'), kubeletConfig(layout, ports, pki, node.name));
  const inputs = [configFile, layout.kubeconfig(`kubelet-${node.name}`), pki.certificate(`kubelet-${node.name}-server`)];
  return {
    program: { name: 'kubelet', command: binaries.kubelet!, arguments: kubeletArguments(layout, configFile, node), inputs },
    ready: () => answersOk(`http://127.0.0.1:${ports.kubeletHealth}/healthz`),
  };
}

function kubeProxy({ node, layout, ports, binaries }: RealNodeSettings): Component {
  const configFile = writeConfig(layout.config('kube-proxy.yaml'), kubeProxyConfig(layout, ports, node.name));
  return {
    program: {
      name: 'kube-proxy',
      command: binaries['kube-proxy']!,
      arguments: [`--config=${configFile}`],
      inputs: [configFile, layout.kubeconfig('kube-proxy')],
    },
    ready: async () => (await answersOk(`http://127.0.0.1:${ports.kubeProxyHealth}/healthz`)) && kubeProxyHasItsRules(),
  };
}

/** Imports the archives that this containerd does not have yet. */
async function importImages({ layout, images, log }: RealNodeSettings): Promise<void> {
  const file = path.join(layout.node, 'images.json');
  const known: Record<string, string> = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const present = new Set((await ctr(layout.node, ['images', 'list', '--quiet'])).split('\n'));
  for (const { reference, file: archive, key } of images) {
    if (known[reference] === key && present.has(reference)) continue;
    await ctr(layout.node, ['images', 'import', archive]);
    log(`loaded image ${reference}`);
    known[reference] = key;
  }
  writeFileSync(file, JSON.stringify(known));
}

/** No two commands of this machine start or stop its real node at a time. */
export const aloneWithTheNode = <T>(log: Log, work: () => Promise<T>): Promise<T> => exclusively('the real node of this machine', log, work);

/** Brings the node to Ready, or repairs it; to be called under aloneWithTheNode. Throws ClusterError with what went wrong. */
export async function startRealNode(settings: RealNodeSettings): Promise<void> {
  const { node, layout, ports, programs, kubectl, log } = settings;
  mkdirSync(layout.node, { recursive: true });
  const dead = claimRealNode(layout.stateDir);
  if (dead) await removeFromMachine(localLayout(dead).node);
  rememberAbsentFolders(layout.node);
  await setUpHostNetwork(layout.node);
  await ensureRunning(programs, containerd(settings), log);
  await importImages(settings);
  await ensureRunning(programs, kubelet(settings), log);
  await ensureRunning(programs, kubeProxy(settings), log);
  await applyRules(ports.apiServer);
  await waitForNodes(kubectl, [node.name]);
  await labelRealNode(kubectl, node);
}

async function removeFromMachine(nodeDir: string): Promise<void> {
  await removePods(nodeDir, examineMachine(false).cniBinDir);
  await tearDownHostNetwork(nodeDir);
  removeForeignFolders(nodeDir);
  for (const folder of [containerdPaths(nodeDir).state, containerdPaths(nodeDir).addresses]) rmSync(folder, { recursive: true, force: true });
}

/** Undoes all that startRealNode did to the machine, however far it came; keeps images and the programs' data in the state folder. */
export async function stopRealNode({ stateDir, node }: LocalLayout, programs: Programs, log: Log): Promise<void> {
  if (!ownsRealNode(stateDir)) return;
  await aloneWithTheNode(log, async () => {
    for (const name of PROGRAMS.toReversed()) await programs.stop(name);
    await removeFromMachine(node);
    releaseRealNode(stateDir);
  });
}

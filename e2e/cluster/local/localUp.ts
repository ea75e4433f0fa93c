// Brings a local cluster up, step by step; every step leaves alone what already is as it should be.
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { adminKubectl, type AdminKubectl } from '../adminKubectl.js';
import { ensureBinaries, type BuildContext } from '../build/ensureBinaries.js';
import { clusterBinaries, nodeBinaries } from '../build/tools.js';
import { ClusterError } from '../clusterError.js';
import { defaultNodes } from '../defaultNodes.js';
import { ensureImages } from '../images/ensureImages.js';
import { installPackages } from '../node/installPackages.js';
import { examineMachine, whyNoRealNode, type Machine } from '../node/machine.js';
import { otherKubeletRuns } from '../node/otherKubelet.js';
import { aloneWithTheNode, startRealNode, stopRealNode } from '../node/realNode.js';
import { applyKwokNodes, waitForNodes } from '../nodes.js';
import { checkNodes } from '../nodesFile.js';
import { ensurePki, type Pki } from '../pki/ensurePki.js';
import { kubeconfigFor } from '../pki/kubeconfig.js';
import { ensureRunning } from '../processes/ensureRunning.js';
import type { Programs } from '../processes/programs.js';
import type { Cluster, Log, NodeSpec, ProviderContext, UpOptions } from '../provider.js';
import { eventually, secondsSince } from '../shell/eventually.js';
import { exclusively } from '../shell/exclusively.js';
import { writeWhenChanged } from '../shell/writeWhenChanged.js';
import { controlPlaneComponents } from './controlPlaneComponents.js';
import type { LocalLayout } from './layout.js';
import { choosePorts, type Ports } from './ports.js';
import { defaultNamespaceExists } from './readiness.js';

export interface LocalContext extends ProviderContext, BuildContext {
  layout: LocalLayout;
  programs: Programs;
}

interface ControlPlane {
  ports: Ports;
  pki: Pki;
  binaries: Record<string, string>;
  kubectl: AdminKubectl;
}

interface WantedNode {
  node: NodeSpec;
  machine: Machine;
}

const KUBECONFIG_USERS = ['admin', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kwok'];

/** Without 'auto' the lack of a real node ends the command; with it the lack is said in one line. */
function doWithoutRealNode(error: unknown, realNode: UpOptions['realNode'], log: Log): undefined {
  const why = error instanceof Error ? error.message : String(error);
  if (realNode === true) throw new ClusterError('real-node-impossible', `real node: ${why}`, { cause: error });
  log(`real node: ${why.split('\n')[0]}; going on with kwok nodes only`);
}

/** The real node of the list, where it is wanted and the machine allows it. */
function wantedRealNode(nodes: readonly NodeSpec[], realNode: UpOptions['realNode'], { programs, log }: LocalContext): WantedNode | undefined {
  const node = realNode === false ? undefined : nodes.find(({ kind }) => kind === 'real');
  if (!node) return undefined;
  const machine = examineMachine(otherKubeletRuns(programs.running('kubelet')?.pid));
  const lacking = whyNoRealNode(machine);
  return lacking ? doWithoutRealNode(new ClusterError('real-node-impossible', `not possible here: ${lacking}`), realNode, log) : { node, machine };
}

async function startControlPlane(
  context: LocalContext,
  binaries: Record<string, string>,
  realNodes: readonly string[],
  audit: boolean,
): Promise<ControlPlane> {
  const { layout, programs, log } = context;
  const ports = await choosePorts(layout.ports, (program) => programs.running(program) !== undefined);
  const pki = await ensurePki(layout.pki, realNodes);
  for (const user of [...KUBECONFIG_USERS, ...realNodes.map((name) => `kubelet-${name}`)]) {
    writeWhenChanged(layout.kubeconfig(user), kubeconfigFor(pki, user, `https://127.0.0.1:${ports.apiServer}`), 0o600);
  }
  mkdirSync(layout.bin, { recursive: true });
  rmSync(path.join(layout.bin, 'kubectl'), { force: true });
  symlinkSync(binaries.kubectl!, path.join(layout.bin, 'kubectl'));
  const { store, controllers } = controlPlaneComponents({ layout, ports, pki, binaries, audit });
  for (const component of store) await ensureRunning(programs, component, log);
  await eventually('the namespace default', () => defaultNamespaceExists(ports.apiServer, pki), { timeoutMs: 30_000 });
  await Promise.all(controllers.map((component) => ensureRunning(programs, component, log)));
  return { ports, pki, binaries, kubectl: adminKubectl(binaries.kubectl!, layout.kubeconfig('admin')) };
}

/** The node's name when it is Ready; undefined when the cluster goes on without it. */
async function joinRealNode(
  context: LocalContext,
  { node, machine }: WantedNode,
  plane: ControlPlane,
  realNode: UpOptions['realNode'],
): Promise<string | undefined> {
  const { log } = context;
  const began = Date.now();
  try {
    await aloneWithTheNode(log, async () => {
      // Another cluster may have taken the node since the machine was examined.
      if (otherKubeletRuns(context.programs.running('kubelet')?.pid))
        throw new ClusterError('real-node-impossible', 'another kubelet started meanwhile');
      const ready = await installPackages(machine, log);
      const images = await ensureImages(context);
      await startRealNode({ ...context, ...plane, node, machine: ready, images });
    });
    log(`real node ${node.name} is ready (${secondsSince(began)})`);
    return node.name;
  } catch (error) {
    return doWithoutRealNode(error, realNode, log);
  }
}

export async function localUp(context: LocalContext, options: UpOptions): Promise<Cluster> {
  const began = Date.now();
  const { layout, programs, log } = context;
  const nodes = checkNodes(options.nodes ?? defaultNodes(), 'nodes');
  const wanted = wantedRealNode(nodes, options.realNode, context);
  const binaries = await ensureBinaries([...clusterBinaries, ...(wanted ? nodeBinaries : [])], context);
  // A port is free until someone listens on it: clusters of one machine choose and listen one after the other.
  const plane = await exclusively('the ports of local clusters', log, () =>
    startControlPlane(context, binaries, wanted ? [wanted.node.name] : [], options.audit ?? false),
  );

  const kwokNodes = nodes.filter(({ kind }) => kind === 'kwok');
  const real = wanted && (await joinRealNode(context, wanted, plane, options.realNode));
  if (!real) await stopRealNode(layout, programs, log);
  const names = [...kwokNodes.map(({ name }) => name), ...(real ? [real] : [])];
  await applyKwokNodes(plane.kubectl, kwokNodes, names);
  await waitForNodes(plane.kubectl, names);

  const cluster: Cluster = {
    name: 'enc-local',
    provider: 'local',
    kubeconfig: layout.kubeconfig('admin'),
    binDir: layout.bin,
    stateDir: layout.stateDir,
    host: '127.0.0.1',
    realNodes: real ? [real] : [],
    ...(real ? { kubeletHealth: { [real]: `http://127.0.0.1:${plane.ports.kubeletHealth}/healthz` } } : {}),
    capabilities: { realNode: real !== undefined, kwok: true, networkPolicy: false },
  };
  writeWhenChanged(layout.record, JSON.stringify(cluster, null, 2));
  log(
    `cluster is up (${secondsSince(began)}): ${names.length} nodes, API server https://127.0.0.1:${plane.ports.apiServer}, kubeconfig ${cluster.kubeconfig}`,
  );
  return cluster;
}

// The programs of a local cluster's control plane, in the order in which they need one another.
import path from 'node:path';
import { stringify } from 'yaml';
import { kwokStagesFile } from '../kwok/keepKwokStages.js';
import { kwokArguments } from '../kwok/kwokProgram.js';
import type { Pki } from '../pki/ensurePki.js';
import type { Component } from '../processes/ensureRunning.js';
import { writeWhenChanged } from '../shell/writeWhenChanged.js';
import {
  apiServerArguments,
  auditPolicy,
  controllerManagerArguments,
  etcdArguments,
  schedulerArguments,
  schedulerConfig,
} from './controlPlaneArguments.js';
import type { LocalLayout } from './layout.js';
import type { Ports } from './ports.js';
import { apiServerIsReady, controllerIsHealthy, etcdIsHealthy } from './readiness.js';
import { isFree } from './freePorts.js';

export interface ControlPlaneSettings {
  layout: LocalLayout;
  ports: Ports;
  pki: Pki;
  /** Program name → path. */
  binaries: Record<string, string>;
  audit: boolean;
}

/** In the order of starting: the second list's programs all need the first list's, and not one another. */
export interface ControlPlaneComponents {
  store: Component[];
  controllers: Component[];
}

export const writeConfig = (file: string, content: unknown): string => writeWhenChanged(file, stringify(content));

function certificateInputs(pki: Pki, ...names: string[]): string[] {
  return names.map((name) => pki.certificate(name));
}

export function controlPlaneComponents({ layout, ports, pki, binaries, audit }: ControlPlaneSettings): ControlPlaneComponents {
  const program = (name: string, arguments_: string[], inputs: string[]) => ({ name, command: binaries[name]!, arguments: arguments_, inputs });
  const etcd: Component = {
    program: program(
      'etcd',
      etcdArguments({ dataDir: layout.etcdData, clientPort: ports.etcdClient, peerPort: ports.etcdPeer, pki }),
      certificateInputs(pki, 'etcd'),
    ),
    ready: () => etcdIsHealthy(ports.etcdClient, pki),
  };
  const auditSettings = audit
    ? { policyFile: writeConfig(layout.config('audit-policy.yaml'), auditPolicy), logFile: path.join(layout.logs, 'audit.log') }
    : undefined;
  const apiServer: Component = {
    program: program(
      'kube-apiserver',
      apiServerArguments({ port: ports.apiServer, etcdPort: ports.etcdClient, pki, serviceAccounts: true, audit: auditSettings }),
      [...certificateInputs(pki, 'kube-apiserver', 'etcd-client', 'kubelet-client'), pki.serviceAccountPublic],
    ),
    ready: () => apiServerIsReady(ports.apiServer, pki),
  };
  const kubeconfig = (name: string) => layout.kubeconfig(name);
  const controllerManager: Component = {
    program: program(
      'kube-controller-manager',
      controllerManagerArguments({
        port: ports.controllerManager,
        kubeconfig: kubeconfig('kube-controller-manager'),
        pki,
        volumePlugins: layout.volumePlugins,
      }),
      [kubeconfig('kube-controller-manager'), pki.serviceAccountPublic],
    ),
    ready: () => controllerIsHealthy(ports.controllerManager),
  };
  const schedulerFile = writeConfig(layout.config('kube-scheduler.yaml'), schedulerConfig(kubeconfig('kube-scheduler')));
  const scheduler: Component = {
    program: program(
      'kube-scheduler',
      schedulerArguments({ port: ports.scheduler, kubeconfig: kubeconfig('kube-scheduler'), configFile: schedulerFile }),
      [kubeconfig('kube-scheduler'), schedulerFile],
    ),
    ready: () => controllerIsHealthy(ports.scheduler),
  };
  const stagesFile = kwokStagesFile(binaries.kwok!);
  const kwok: Component = {
    program: program('kwok', kwokArguments({ kubeconfig: kubeconfig('kwok'), stagesFile, port: ports.kwok, pki }), [
      kubeconfig('kwok'),
      stagesFile,
      ...certificateInputs(pki, 'kwok-server'),
    ]),
    ready: async () => !(await isFree(ports.kwok)),
  };
  return { store: [etcd, apiServer], controllers: [controllerManager, scheduler, kwok] };
}

/** Every program of a local cluster in the order of starting; `down` goes backwards. */
export const PROGRAM_ORDER = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'containerd', 'kubelet', 'kube-proxy'];

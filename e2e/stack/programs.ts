// The programs of one local stack and their command lines.
import type { Cluster, NodeSpec } from '../cluster/provider.js';
import type { Layout } from './layout.js';
import type { Program } from './supervisor.js';

export interface StackSettings {
  validators: number;
  blockTime: string;
  finalityThreshold: number;
  /** Those of `make up` when left out. */
  nodes?: NodeSpec[];
}

export function mainnetProgram(layout: Layout, { validators, blockTime, finalityThreshold }: StackSettings): Program {
  const { ports } = layout;
  return {
    name: 'mainnet',
    log: layout.logFile('mainnet'),
    arguments: [
      layout.program('cli/bpci.js'), 'start', '--trial', '--consensus', 'ibft',
      '--validator-set-size', String(validators), '--block-time', blockTime, '--finality-threshold', String(finalityThreshold),
      '--api-port', String(ports.api), '--metrics-port', String(ports.metrics),
      '--data-dir', layout.mainnetDir,
    ],
  };
}

/** Webhooks, operator and node agent, each with its own kubeconfig and its own key on the chain; and the traffic light, which needs no cluster. */
export function clusterPrograms(layout: Layout, cluster: Cluster, nodesFile: string): Program[] {
  const chain = (key: string) => ['--chain-endpoints', layout.endpoints.join(','), '--genesis', layout.genesis, '--key', layout.keyFile(key)];
  const program = (name: string, script: string, rest: string[], command: string[] = []): Program => ({
    name,
    log: layout.logFile(name),
    arguments: [layout.program(script), ...command, '--kubeconfig', layout.kubeconfig(name), ...rest],
  });
  return [
    program('webhooks', 'webhooks/main.js', [
      ...chain('webhook'),
      '--port', String(layout.ports.webhooks), '--metrics-port', String(layout.ports.webhookMetrics),
      '--register', `https://${cluster.host}:${layout.ports.webhooks}`, '--state-dir', `${layout.stateDir}/webhooks`,
      '--kubelet-users', 'kwok',
    ]),
    program('operator', 'operator/main.js', [
      ...chain('operator'), '--lease-namespace', 'enc-system', '--metrics-port', String(layout.ports.operatorMetrics),
    ]),
    program('node-agent', 'cli/enc-cluster.js', [
      ...chain('node-operator'), '--nodes-file', nodesFile, '--node-keys', `${layout.stateDir}/node-keys`,
    ], ['agent']),
    {
      name: 'traffic-light',
      log: layout.logFile('traffic-light'),
      arguments: [
        layout.program('services/trafficLight/main.js'), 'start', '--bpci-endpoint', layout.endpoints.join(','), '--genesis', layout.genesis, '--key', layout.keyFile('webhook'),
        '--dashboard-port', String(layout.ports.trafficLight),
      ],
    },
  ];
}

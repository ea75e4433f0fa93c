// The peer: the same cluster's kube-scheduler, started again with the client limits that a run asks for.
import { readFileSync } from 'node:fs';
import { ensureBinaries } from '../../e2e/cluster/build/ensureBinaries.js';
import { providerContext } from '../../e2e/cluster/config.js';
import { schedulerArguments } from '../../e2e/cluster/local/controlPlaneArguments.js';
import { localLayout } from '../../e2e/cluster/local/layout.js';
import { controllerIsHealthy } from '../../e2e/cluster/local/readiness.js';
import type { Ports } from '../../e2e/cluster/local/ports.js';
import { writeConfig } from '../../e2e/cluster/local/controlPlaneComponents.js';
import { ensureRunning } from '../../e2e/cluster/processes/ensureRunning.js';
import { Programs } from '../../e2e/cluster/processes/programs.js';

const NAME = 'kube-scheduler';

export class PeerScheduler {
  readonly #layout;
  readonly #programs;

  constructor(private readonly clusterDir: string) {
    this.#layout = localLayout(clusterDir);
    this.#programs = new Programs(this.#layout.pids, this.#layout.logs);
  }

  /** `limits` undefined: as it is by default, which is 50 requests a second and bursts of 100. */
  async start(limits?: { qps: number; burst: number }): Promise<void> {
    const context = providerContext({ stateDir: this.clusterDir });
    const { scheduler: port } = JSON.parse(readFileSync(this.#layout.ports, 'utf8')) as Ports;
    const { [NAME]: command } = await ensureBinaries([NAME], { ...context, log: () => undefined });
    const kubeconfig = this.#layout.kubeconfig(NAME);
    const configFile = writeConfig(this.#layout.config('bench-scheduler.yaml'), {
      apiVersion: 'kubescheduler.config.k8s.io/v1',
      kind: 'KubeSchedulerConfiguration',
      clientConnection: { kubeconfig, ...limits },
      leaderElection: { leaderElect: false },
    });
    const program = { name: NAME, command: command!, arguments: schedulerArguments({ port, kubeconfig, configFile }), inputs: [kubeconfig, configFile] };
    await ensureRunning(this.#programs, { program, ready: () => controllerIsHealthy(port) }, () => undefined);
  }

  /** It would go on watching every pod while ours is measured. */
  stop(): Promise<void> {
    return this.#programs.stop(NAME);
  }
}

// Keeps each validator's API reachable on the loopback under the port that a local stack would have, through kubectl port-forward.
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { programEnvironment } from '../cluster/config.js';
import type { Cluster } from '../cluster/provider.js';
import { NAMESPACE, RELEASE } from './chart.js';

const AGAIN_MS = 300;
const VALIDATOR_API = 21_001;

export class PortForwards {
  #children = new Map<number, ChildProcess>();
  #stopped = false;

  constructor(
    private readonly cluster: Cluster,
    endpoints: readonly string[],
  ) {
    endpoints.forEach((endpoint, index) => this.#forward(index, Number(new URL(endpoint).port)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const child of this.#children.values()) child.kill('SIGTERM');
    this.#children.clear();
  }

  /** Started again when the pod is exchanged or the link breaks. */
  #forward(index: number, port: number): void {
    if (this.#stopped) return;
    const kubectl = this.cluster.binDir === undefined ? 'kubectl' : path.join(this.cluster.binDir, 'kubectl');
    const arguments_ = ['--kubeconfig', this.cluster.kubeconfig, '-n', NAMESPACE, 'port-forward', `pod/${RELEASE}-validator-${index}`, `${port}:${VALIDATOR_API}`, '--address', '127.0.0.1'];
    const child = spawn(kubectl, arguments_, { stdio: ['ignore', 'ignore', 'pipe'], env: programEnvironment() });
    this.#children.set(index, child);
    // kubectl goes on after its pod is gone; the first connection that is lost says so.
    child.stderr.on('data', (text: Buffer) => {
      if (/lost connection|error forwarding|unable to/i.test(text.toString())) child.kill('SIGTERM');
    });
    child.on('close', () => setTimeout(() => this.#forward(index, port), AGAIN_MS));
    child.on('error', () => undefined);
  }
}

// A real API server with the webhooks in this process before it, over a scripted chain: for integration tests and measurements.
import { mkdtempSync, rmSync } from 'node:fs';
import type https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import type { PolicySet } from '../../policy/types.js';
import { answerMutating, answerValidating } from '../answer.js';
import type { CheckContext } from '../checks/check.js';
import { createLogger } from '../logger.js';
import { createMetrics } from '../metrics.js';
import { watchNamespaces, type Namespaces } from '../namespaces.js';
import { watchPersonalNames, type WatchedNames } from '../personal/openingSecrets.js';
import { identityPolicies, registerIdentityPolicy } from '../identityPolicy.js';
import { PlacementBook } from '../placementBook.js';
import { podUidIn } from '../podUid.js';
import { register, type Reachable } from '../register.js';
import { createApp, createHttpsServer } from '../server.js';
import { selfMade, type ServingCertificate } from '../tls/certificates.js';
import { ScriptedChain } from './scriptedChain.js';

export class WebhookStand {
  readonly chain: ScriptedChain;
  readonly metrics = createMetrics();
  readonly #logger = createLogger('error');
  readonly #folder = mkdtempSync(path.join(os.tmpdir(), 'enc-stand-'));
  readonly #kubeConfig = new KubeConfig();
  #namespaces: Namespaces | undefined;
  #persons: WatchedNames | undefined;
  #server: https.Server | undefined;
  #serving: ServingCertificate | undefined;

  /** `kubeconfig` is what the webhooks use: that of their own account. */
  constructor(kubeconfig: string, policies: PolicySet) {
    this.chain = new ScriptedChain(policies);
    this.#kubeConfig.loadFromFile(kubeconfig);
    this.#logger.silent = true;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server!.address() as AddressInfo).port}`;
  }
  get authority(): string {
    return this.#serving!.authority;
  }

  async start(): Promise<void> {
    this.#namespaces = watchNamespaces(this.#kubeConfig, this.#logger);
    this.#persons = watchPersonalNames(this.#kubeConfig, this.#logger);
    await Promise.all([this.#namespaces.start(), this.#persons.start()]);
    const context: CheckContext = {
      client: this.chain,
      placements: new PlacementBook(),
      persons: this.#persons.names,
      namespaceLabels: (name) => this.#namespaces!.labels(name),
      podUid: podUidIn(this.#kubeConfig),
      now: Date.now,
      operatorUser: 'system:serviceaccount:enc-system:enc-operator',
    };
    const app = createApp(
      { validate: (request) => answerValidating(request, context), mutate: (request) => answerMutating(request, context) },
      this.metrics,
      this.#logger,
    );
    this.#serving = await selfMade(this.#folder, '127.0.0.1', new Date());
    this.#server = createHttpsServer(app, this.#serving);
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve));
    await this.register();
  }

  register(): Promise<void> {
    return this.registerAs({ at: this.url, authority: this.authority });
  }

  registerAs(reachable: Reachable): Promise<void> {
    return register(this.#kubeConfig, reachable);
  }

  /** What the API server writes into pods by itself. */
  async registerIdentity(policies: Pick<PolicySet, 'clusters'>): Promise<void> {
    await registerIdentityPolicy(this.#kubeConfig, identityPolicies(policies));
  }

  /** As if the process were gone; the API server goes on asking it. */
  silence(): void {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  async stop(): Promise<void> {
    this.silence();
    await this.#namespaces?.stop();
    await this.#persons?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

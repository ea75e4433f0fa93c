// The webhook server: wires chain, API server, certificate and HTTPS together.
import { KubeConfig } from '@kubernetes/client-node';
import { CommanderError } from 'commander';
import { createChainClient } from '../chain/client/chainClient.js';
import { loadKeyFile } from '../chain/client/keyFile.js';
import { answerMutating, answerValidating } from './answer.js';
import type { CheckContext } from './checks/check.js';
import { readConfig, type WebhookConfig } from './config.js';
import { createLogger } from './logger.js';
import { createMetrics } from './metrics.js';
import { watchNamespaces } from './namespaces.js';
import { register } from './register.js';
import { createApp, createHealthServer, createHttpsServer } from './server.js';
import { readGiven, selfMade, watchFiles } from './tls/certificates.js';

const FILES_EVERY_MS = 10_000;
const UPKEEP_EVERY_MS = 60_000;

const listen = (server: { listen(port: number, host: string, done: () => void): unknown; once(event: 'error', listener: (error: Error) => void): unknown }, port: number, host: string) =>
  new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });

async function run(config: WebhookConfig): Promise<void> {
  const logger = createLogger(config.logLevel);
  const metrics = createMetrics();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(config.kubeconfig);
  const client = createChainClient({ endpoints: config.chainEndpoints, genesis: config.genesis, key: loadKeyFile(config.key), logger });
  let ready = false;
  const health = createHealthServer(metrics, () => ready);
  await listen(health, config.metricsPort, config.host);

  const namespaces = watchNamespaces(kubeConfig, logger);
  await Promise.all([client.start(), namespaces.start()]);
  const context: CheckContext = { client, namespaceLabels: (name) => namespaces.labels(name), now: Date.now, operatorUser: config.operatorUser };

  const reachedAs = config.register ? new URL(config.register).hostname : config.host;
  const certificate = () => (config.tls ? Promise.resolve(readGiven(config.tls)) : selfMade(config.stateDir, reachedAs, new Date()));
  let serving = await certificate();
  const app = createApp({ validate: (request) => answerValidating(request, context), mutate: (request) => answerMutating(request, context) }, metrics, logger);
  const server = createHttpsServer(app, serving);
  await listen(server, config.port, config.host);

  const registerNow = async () => {
    if (config.register) await register(kubeConfig, { url: config.register, authority: serving.authority });
  };
  /** Takes a renewed certificate without a restart, and puts the configurations right where somebody changed them. */
  const upkeep = async () => {
    serving = await certificate();
    server.setSecureContext({ cert: serving.certificate, key: serving.key });
    metrics.certificateExpiry.set(serving.expires.getTime() / 1000);
    await registerNow();
  };
  const upkeepLogged = () => void upkeep().catch((error: unknown) => logger.error('upkeep failed', { code: 'UpkeepFailed', reason: error instanceof Error ? error.message : String(error) }));
  await upkeep();
  const timer = setInterval(upkeepLogged, UPKEEP_EVERY_MS);
  const unwatch = config.tls ? watchFiles([config.tls.certificate, config.tls.key], FILES_EVERY_MS, upkeepLogged) : () => undefined;
  ready = true;
  logger.info('ready', { port: config.port, metricsPort: config.metricsPort, registered: config.register ?? 'no', chainId: client.chainId });

  const stop = async () => {
    ready = false;
    clearInterval(timer);
    unwatch();
    server.close();
    await Promise.all([namespaces.stop(), client.stop()]);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
}

try {
  await run(readConfig(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  console.error(`enc-webhooks: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

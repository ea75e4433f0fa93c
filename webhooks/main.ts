// The webhook server: wires chain, API server, certificate and HTTPS together.
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KubeConfig } from '@kubernetes/client-node';
import { CommanderError } from 'commander';
import { createChainClient } from '../chain/client/chainClient.js';
import { ChainError } from '../chain/client/chainError.js';
import { hashOfJson } from '../chain/client/hashOfJson.js';
import { loadKeyFile } from '../chain/client/keyFile.js';
import { TransportError } from '../chain/client/transport.js';
import type { ChainClient } from '../chain/client/types.js';
import { answerMutating, answerValidating } from './answer.js';
import type { CheckContext } from './checks/check.js';
import { ConfigError, readConfig, type WebhookConfig } from './config.js';
import { recordTampering, watchConfigurations, type Tampering } from './configurationWatch.js';
import { createLogger, type Logger } from './logger.js';
import { createMetrics } from './metrics.js';
import { identityPolicies, registerIdentityPolicy } from './identityPolicy.js';
import { PlacementBook } from './placementBook.js';
import { watchNamespaces } from './namespaces.js';
import { watchPersonalNames } from './personal/openingSecrets.js';
import { podUidIn } from './podUid.js';
import { hostOf, register, watchedConfigurations } from './register.js';
import { createApp, createHealthServer, createHttpsServer } from './server.js';
import { readGiven, selfMade, watchFiles } from './tls/certificates.js';
import { Turns } from './turns.js';

/** Under load, verdicts of so many milliseconds go to the validators together. */
const GATHER_MS = 40;
const FILES_EVERY_MS = 10_000;
const UPKEEP_EVERY_MS = 60_000;
const START_AGAIN_MS = 1_000;
const LAST_ANSWERS_MS = 8_000;

function listen(server: Server, flag: string, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'is in use; stop what uses it or choose another' : `cannot be opened (${error.code ?? error.message})`;
      reject(new ConfigError(`${flag} ${port}: the port on ${host} ${why}`));
    });
    server.listen(port, host, resolve);
  });
}

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function readKubeConfig(file: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  if (file === undefined) {
    kubeConfig.loadFromCluster();
    return kubeConfig;
  }
  try {
    kubeConfig.loadFromFile(file);
  } catch (error) {
    throw new ConfigError(`--kubeconfig ${file} is no kubeconfig: ${reasonOf(error).split('\n')[0]}`);
  }
  if (!kubeConfig.getCurrentCluster()) throw new ConfigError(`--kubeconfig ${file} is no kubeconfig: its current-context names no cluster`);
  return kubeConfig;
}

function openChain({ chainEndpoints, genesis, key, stateDir }: WebhookConfig, logger: Logger): ChainClient {
  const headFile = path.join(stateDir, `head-${hashOfJson(genesis).slice(0, 16)}.json`);
  return createChainClient({ endpoints: chainEndpoints, genesis, key: loadKeyFile(key), logger, headFile, timing: { gatherMs: GATHER_MS } });
}

/** Validators may come up after this program; until they do, every question is refused. */
async function followChain(client: ChainClient, logger: Logger): Promise<void> {
  for (;;) {
    try {
      return await client.start();
    } catch (error) {
      if (error instanceof ChainError && (error.code === 'BadConfiguration' || error.code === 'Stopped')) throw error;
      logger.warn('the chain cannot be followed yet; trying again', { code: (error as ChainError).code ?? 'Unexpected', reason: reasonOf(error) });
      await sleep(START_AGAIN_MS);
    }
  }
}

async function run(config: WebhookConfig): Promise<void> {
  const logger = createLogger(config.logLevel);
  const metrics = createMetrics();
  const kubeConfig = readKubeConfig(config.kubeconfig);
  const client = openChain(config, logger);
  let ready = false;
  const health = createHealthServer(metrics, () => ready);
  await listen(health, '--metrics-port', config.metricsPort, config.host);

  const namespaces = watchNamespaces(kubeConfig, logger);
  const persons = watchPersonalNames(kubeConfig, logger);
  const placements = new PlacementBook();
  client.onBlock((block) => placements.note(block));
  const context: CheckContext = {
    client,
    placements,
    persons: persons.names,
    namespaceLabels: (name) => namespaces.labels(name),
    podUid: podUidIn(kubeConfig),
    now: Date.now,
    operatorUser: config.operatorUser,
  };
  const at = config.register ?? config.registerService;
  const reachedAs = at === undefined ? config.host : hostOf(at);
  const certificate = () => (config.tls ? Promise.resolve(readGiven(config.tls)) : selfMade(config.stateDir, reachedAs, new Date()));
  let serving = await certificate();
  const turns = new Turns();
  const app = createApp(
    { validate: (request) => turns.through(request, () => answerValidating(request, context)), mutate: (request) => answerMutating(request, context) },
    metrics,
    logger,
  );
  const clientAuthority = config.clientCa === undefined ? undefined : readFileSync(config.clientCa, 'utf8');
  const server = createHttpsServer(app, serving, clientAuthority);
  await listen(server, '--port', config.port, config.host);

  const registerNow = async () => {
    if (at === undefined) return;
    await register(kubeConfig, { at, authority: serving.authority }, config.kubeletUsers);
    await registerIdentityPolicy(kubeConfig, identityPolicies(client.policySet())).catch((error: unknown) =>
      logger.warn('the API server was not given what it can write into pods itself; each is asked about here instead', { code: 'IdentityPolicyFailed', reason: reasonOf(error) }),
    );
  };
  const wanted = () => (at === undefined ? [] : watchedConfigurations({ at, authority: serving.authority }, config.kubeletUsers));
  const tampered = async (tampering: Tampering) => {
    const { kind, hooks } = tampering;
    metrics.tampered.inc({ kind });
    await registerNow();
    const receiptId = await recordTampering(context, tampering);
    logger.error(`${kind} was changed by somebody else and put right`, { code: 'ConfigurationTampered', hooks, receiptId });
  };
  const tamperedLogged = (tampering: Tampering) =>
    tampered(tampering).catch((error: unknown) => {
      logger.error('a changed configuration could not be put right or recorded; upkeep tries again', { code: 'UpkeepFailed', reason: reasonOf(error) });
    });
  const configurations = watchConfigurations(kubeConfig, wanted, tamperedLogged, logger);

  /** Takes a renewed certificate without a restart, and puts the configurations right where somebody changed them. */
  const upkeep = async () => {
    const before = serving;
    serving = await certificate();
    if (serving.certificate !== before.certificate) {
      server.setSecureContext({ cert: serving.certificate, key: serving.key, ...(clientAuthority === undefined ? {} : { ca: clientAuthority }) });
      logger.info('serving with another certificate', { expires: serving.expires.toISOString() });
    }
    metrics.certificateExpiry.set(serving.expires.getTime() / 1000);
    await registerNow();
  };
  const upkeepLogged = () =>
    upkeep().then(
      () => true,
      (error: unknown) => {
        logger.error('upkeep failed; trying again', { code: 'UpkeepFailed', reason: reasonOf(error) });
        return false;
      },
    );

  const stopping = new AbortController();
  const stop = async () => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    ready = false;
    logger.info('stopping');
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await Promise.race([closed, sleep(LAST_ANSWERS_MS)]);
    await Promise.all([configurations.stop(), namespaces.stop(), persons.stop(), client.stop()]);
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());

  await Promise.all([followChain(client, logger), namespaces.start(), persons.start()]);
  // What is not registered is not asked, so it is not ready either.
  while (!stopping.signal.aborted && !(await upkeepLogged())) await sleep(START_AGAIN_MS);
  configurations.start();
  let written = JSON.stringify(identityPolicies(client.policySet()));
  client.onBlock(() => {
    const wanted = JSON.stringify(identityPolicies(client.policySet()));
    if (wanted !== written) void upkeepLogged();
    written = wanted;
  });
  const timer = setInterval(() => void upkeepLogged(), UPKEEP_EVERY_MS);
  const unwatch = config.tls ? watchFiles([config.tls.certificate, config.tls.key], FILES_EVERY_MS, () => void upkeepLogged()) : () => undefined;
  stopping.signal.addEventListener('abort', () => {
    clearInterval(timer);
    unwatch();
  });
  ready = true;
  logger.info('ready', { port: config.port, metricsPort: config.metricsPort, registered: at ?? 'no', chainId: client.chainId });
}

/** What the user can put right ends with code 2. */
const isConfiguration = (error: unknown) =>
  error instanceof ConfigError ||
  (error instanceof TransportError && error.code === 'BadEndpoint') ||
  (error instanceof ChainError && (error.code === 'BadConfiguration' || error.code === 'BadKeyFile'));

try {
  await run(readConfig(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  if (error instanceof ChainError && error.code === 'Stopped') process.exit(0);
  console.error(`enc-webhooks: ${reasonOf(error)}`);
  process.exit(isConfiguration(error) ? 2 : 1);
}

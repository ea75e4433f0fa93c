// enc-operator: reconciles the custom resources with the chain, and places and binds pods, while it holds the lease.
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChainClient } from '../chain/client/chainClient.js';
import { HelpShown, readConfig, type OperatorConfig } from './config.js';
import { createInformers } from './informers.js';
import { Operator } from './operator.js';
import { describeError } from './runtime/describeError.js';
import { startHealthServer } from './runtime/healthServer.js';
import { kubeApiFor } from './runtime/kubeApiFor.js';
import { LeaderElection } from './runtime/leaderElection.js';
import { createLogger } from './runtime/logger.js';
import { createMetrics } from './runtime/metrics.js';
import { startWithPatience } from './startWithPatience.js';

const BAD_CONFIG = 2;
/** Under load, placements and reports of so many milliseconds go to the validators together, and so share a block. */
const GATHER_MS = 150;
/** Passes in flight that take longer are taken up again by the next leader. */
const GRACE_MS = 5_000;

/** Resolves with the exit code when it was asked to stop or cannot go on. */
async function run(config: OperatorConfig): Promise<number> {
  const logger = createLogger('enc-operator', config.logLevel);
  const metrics = createMetrics();
  const api = await kubeApiFor(config.kubeconfig);
  const client = createChainClient({ endpoints: config.endpoints, genesis: config.genesis, key: config.key, logger, timing: { gatherMs: GATHER_MS } });
  const identity = `${os.hostname()}_${randomUUID()}`;
  let state: { standby: string } | { operator: Operator } = { standby: 'the chain is not reached yet' };
  const health = await startHealthServer({
    host: config.metricsHost,
    port: config.metricsPort,
    registry: metrics.registry,
    notReady: () => ('operator' in state ? state.operator.notReady() : state.standby || undefined),
  });
  const stopping = new AbortController();
  const asked = new Promise<number>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
    process.once('unhandledRejection', (error) => {
      const { code, message, stack } = describeError(error);
      logger.error(`a promise was rejected unseen: ${message}`, { code, stack });
      resolve(1);
    });
    stopping.signal.addEventListener('abort', () => resolve(1));
  });

  const informers = createInformers(api, logger, metrics);
  const { leaseDurationMs } = config;
  const options = {
    namespace: config.leaseNamespace,
    name: 'enc-operator',
    identity,
    durationMs: leaseDurationMs,
    renewDeadlineMs: leaseDurationMs * 0.7,
    retryMs: leaseDurationMs / 8,
    renewMs: leaseDurationMs / 4,
  };
  const election = new LeaderElection(api, options, logger);
  const lead = async (): Promise<void> => {
    await startWithPatience(() => client.start(), logger, stopping.signal);
    state = { standby: '' };
    // Copies of the cluster are there when the lease comes: who waits for a leader does not wait for them.
    for (const informer of informers.all) void informer.start();
    logger.info('waiting for the lease', { identity, namespace: config.leaseNamespace });
    await election.acquire((why) => {
      logger.error(`lost the lease: ${why}`, { code: 'LeaseLost', identity });
      stopping.abort();
    });
    if (stopping.signal.aborted) return;
    metrics.leader.set(1);
    state = { operator: new Operator({ api, client, genesis: config.genesis, logger, metrics, informers, identity }) };
    await state.operator.start();
    logger.info('leading', { identity, chainId: client.chainId, height: client.head().height });
  };
  const leading = lead().catch((error: unknown) => {
    const { code, message, stack } = describeError(error);
    logger.error(message, { code, stack });
    stopping.abort();
  });

  const code = await asked;
  logger.info('stopping', { code });
  stopping.abort();
  if ('operator' in state) await Promise.race([(state as { operator: Operator }).operator.stop(), sleep(GRACE_MS)]);
  else await Promise.race([Promise.all(informers.all.map((informer) => informer.stop())), sleep(GRACE_MS)]);
  await election.release();
  await client.stop();
  await health.close();
  api.close();
  void leading;
  return code;
}

try {
  const config = readConfig(process.argv.slice(2));
  process.exit(await run(config));
} catch (error) {
  if (error instanceof HelpShown) process.exit(0);
  console.error(`enc-operator: ${describeError(error).message}`);
  process.exit(BAD_CONFIG);
}

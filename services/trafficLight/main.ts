#!/usr/bin/env node
// The traffic light: wires chain, decisions and HTTP together (the plan: traffic-light start).
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { CommanderError } from 'commander';
import winston from 'winston';
import { createChainClient } from '../../chain/client/chainClient.js';
import { ChainError } from '../../chain/client/chainError.js';
import { loadKeyFile } from '../../chain/client/keyFile.js';
import { createApp } from './app.js';
import { readConfig, type TrafficLightConfig } from './config.js';
import { decide } from './decide.js';
import { createMetrics } from './metrics.js';

const START_AGAIN_MS = 1_000;
const ASK_SERVICE_MS = 1_000;
const LIMITS = { maxHeaderSize: 16_384, headersTimeout: 5_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 60_000 };
const MAX_CONNECTIONS = 1_024;

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Whether a service that was named answers; decisions do not depend on it. */
async function reachable(url: string | undefined): Promise<string> {
  if (url === undefined) return 'not named';
  const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(ASK_SERVICE_MS) }).catch(() => undefined);
  return answer?.ok ? 'answers' : 'does not answer';
}

function listen(server: http.Server, { dashboardPort, host }: TrafficLightConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new Error(`--dashboard-port ${dashboardPort}: ${error.code === 'EADDRINUSE' ? `the port is in use on ${host}; stop what uses it or choose another` : error.message}`)));
    server.listen(dashboardPort, host, resolve);
  });
}

async function run(config: TrafficLightConfig): Promise<void> {
  const logger = winston.createLogger({
    level: config.logLevel,
    defaultMeta: { program: 'traffic-light' },
    format: winston.format.combine(winston.format.timestamp(), winston.format.json()),
    transports: [new winston.transports.Console()],
  });
  const metrics = createMetrics();
  const client = createChainClient({ endpoints: config.bpciEndpoint, genesis: config.genesis, key: loadKeyFile(config.key), logger });
  const took = (milliseconds: number) => {
    metrics.seconds.observe(milliseconds / 1_000);
    if (milliseconds > config.decisionLatencyMs) metrics.slow.inc();
  };
  let ready = false;
  const app = createApp({
    now: Date.now,
    async decide({ request, record }) {
      const recording = record ?? config.pipelineMode === 'real-time';
      const decision = await decide(request, recording, { client, took });
      metrics.decisions.inc({ light: decision.state, recorded: String(recording) });
      logger.debug('decided', { decisionId: request.decisionId, state: decision.state, receiptId: decision.recorded?.receiptId });
      return decision;
    },
    ready: () => ready,
    async status() {
      const [biso, court] = await Promise.all([reachable(config.bisoEndpoint), reachable(config.courtEndpoint)]);
      return { mode: config.pipelineMode, chainId: client.chainId, policyHeight: ready ? client.policySet().policyHeight : null, decisionLatencyMs: config.decisionLatencyMs, biso, court };
    },
    metrics,
    failed: (error) => void logger.error('no decision', { code: error instanceof ChainError ? error.code : 'InternalError', reason: reasonOf(error) }),
  });
  const server = http.createServer(LIMITS, app);
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, config);

  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    ready = false;
    server.close();
    server.closeIdleConnections();
    await client.stop();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop());
  while (!ready && !stopping)
    try {
      await client.start();
      ready = true;
    } catch (error) {
      if (error instanceof ChainError && error.code === 'BadConfiguration') throw error;
      logger.warn('the chain cannot be followed yet; trying again', { reason: reasonOf(error) });
      await sleep(START_AGAIN_MS);
    }
  logger.info('ready', { port: config.dashboardPort, mode: config.pipelineMode, chainId: client.chainId });
}

try {
  await run(readConfig(process.argv.slice(2)));
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  console.error(`traffic-light: ${reasonOf(error)}`);
  process.exit(error instanceof ChainError && error.code !== 'BadConfiguration' ? 1 : 2);
}

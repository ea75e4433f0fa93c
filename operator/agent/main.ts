// The node agent (enc-cluster agent): commits nodes, with what they can give and where they stand, to the chain, signed with each node's own key.
import os from 'node:os';
import { createChainClient } from '../../chain/client/chainClient.js';
import type { NodeKey } from '../../chain/client/keyFile.js';
import { HelpShown } from '../config.js';
import { ChainWriter } from '../ledger/chainWriter.js';
import { Controller } from '../runtime/controller.js';
import { describeError } from '../runtime/describeError.js';
import { EventRecorder } from '../runtime/eventRecorder.js';
import { Informer } from '../runtime/informer.js';
import { kubeApiFor } from '../runtime/kubeApiFor.js';
import { RESOURCES, within, type ConfigMap, type Node } from '../runtime/kubeObject.js';
import { createLogger } from '../runtime/logger.js';
import { createMetrics } from '../runtime/metrics.js';
import { startWithPatience } from '../startWithPatience.js';
import { AgentReconciler } from './agentReconciler.js';
import { readConfig, type AgentConfig } from './config.js';
import { EndpointBeats } from './endpointBeats.js';
import { Heartbeats } from './heartbeats.js';
import { bearsOnCommitment } from './decide.js';
import { nodeKeys } from './nodeKeys.js';
import { offeredCommitments } from './offer.js';
import { ownCommitments } from './ownCommitments.js';

const BAD_CONFIG = 2;

async function run(config: AgentConfig): Promise<number> {
  const names = config.nodes.map(({ name }) => name);
  const keys: ReadonlyMap<string, NodeKey> = config.keyFolder === undefined ? new Map() : nodeKeys(config.keyFolder, names);
  const logger = createLogger('enc-node-agent', config.logLevel);
  const metrics = createMetrics();
  const api = await kubeApiFor(config.kubeconfig);
  const client = createChainClient({ endpoints: config.endpoints, genesis: config.genesis, key: config.key, logger });
  const stopping = new AbortController();
  const asked = new Promise<number>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0));
    stopping.signal.addEventListener('abort', () => resolve(1));
  });

  const nodes = new Informer<Node>(api, RESOURCES.Node, logger, metrics);
  const chain = new ChainWriter(client, metrics);
  const places = new Map(config.nodes.map((place) => [place.name, place]));
  const offers = config.offers === undefined ? undefined : new Informer<ConfigMap>(api, within(config.offers, RESOURCES.ConfigMap), logger, metrics);
  const reconciler = new AgentReconciler({
    client,
    chain,
    events: new EventRecorder(api, logger, os.hostname()),
    node: (name) => nodes.get(name),
    commitments: offers
      ? offeredCommitments((name) => offers.get(`${config.offers}/${name}`), places)
      : ownCommitments({ client, chain, places, keys, networkBandwidth: config.networkBandwidth }),
  });
  const controller = new Controller(reconciler, logger, metrics, { workers: 4 });
  nodes.onChange((change) => {
    if (change.type !== 'updated' || bearsOnCommitment(change.old, change.object)) controller.queue.add(change.object.metadata.name);
  });
  offers?.onChange(({ object }) => controller.queue.add(object.metadata.name));
  const heartbeats = new Heartbeats({
    api,
    chain,
    logger,
    places: config.nodes,
    committed: () => [...reconciler.committed],
    forget: () => {
      reconciler.committed.clear();
      for (const { metadata } of nodes.list()) controller.queue.add(metadata.name);
    },
  });
  const endpointBeats = new EndpointBeats({ chainId: client.chainId, chain, logger, places: config.nodes, keys });
  const begin = async (): Promise<void> => {
    await startWithPatience(() => client.start(), logger, stopping.signal);
    await Promise.all([nodes.start(), offers?.start()]);
    controller.start();
    heartbeats.start();
    endpointBeats.start();
    logger.info('committing nodes', { nodes: offers ? `as their agents offer them in ${config.offers}` : names.length, chainId: client.chainId });
  };
  begin().catch((error: unknown) => {
    const { code, message, stack } = describeError(error);
    logger.error(message, { code, stack });
    stopping.abort();
  });

  const code = await asked;
  stopping.abort();
  heartbeats.stop();
  endpointBeats.stop();
  controller.queue.close();
  await Promise.all([nodes.stop(), offers?.stop()]);
  await client.stop();
  api.close();
  return code;
}

try {
  const config = readConfig(process.argv.slice(2));
  process.exit(await run(config));
} catch (error) {
  if (error instanceof HelpShown) process.exit(0);
  console.error(`enc-cluster agent: ${describeError(error).message}`);
  process.exit(BAD_CONFIG);
}

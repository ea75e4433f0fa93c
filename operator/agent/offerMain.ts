// The agent on a node of its own (enc-cluster offer): signs what the node can give with a key that stays there, and offers it to who holds the account (ADR 18).
import os from 'node:os';
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { ConfigError, HelpShown, parseFlags } from '../config.js';
import { Controller } from '../runtime/controller.js';
import { describeError } from '../runtime/describeError.js';
import { EventRecorder } from '../runtime/eventRecorder.js';
import { Informer } from '../runtime/informer.js';
import { kubeApiFor } from '../runtime/kubeApiFor.js';
import { RESOURCES, type Node } from '../runtime/kubeObject.js';
import { createLogger, LOG_LEVELS, type LogLevel } from '../runtime/logger.js';
import { createMetrics } from '../runtime/metrics.js';
import { bandwidthOf, readNodePlaces } from './config.js';
import { bearsOnCommitment } from './decide.js';
import { nodeKeys } from './nodeKeys.js';
import { OfferReconciler } from './offerReconciler.js';

interface Flags {
  kubeconfig?: string;
  node: string;
  namespace: string;
  chainId: string;
  nodesFile?: string;
  nodeKeys: string;
  networkBandwidth: number;
  logLevel: LogLevel;
}

function nodeName(text: string): string {
  if (!/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(text)) throw new InvalidArgumentError('It must be the name of a Node.');
  return text;
}

function readFlags(arguments_: readonly string[]): Flags {
  const command = new Command('enc-cluster offer')
    .description("Signs what this node can give with the node's own key, and offers it to the agent that commits nodes to the chain.")
    .option('--kubeconfig <file>', "kubeconfig of the account the program acts as; the pod's service account when absent")
    .requiredOption('--node <name>', 'the node it runs on', nodeName)
    .requiredOption('--namespace <name>', 'where offers are made: the --offers of enc-cluster agent')
    .requiredOption('--chain-id <id>', 'the chain that the commitment is for')
    .requiredOption('--node-keys <folder>', "folder of the node's BLS key, <name>.key; made when it is missing")
    .option('--nodes-file <file>', 'JSON list of {name, region, zone?}: where nodes stand that no label says it of')
    .option('--network-bandwidth <bits>', 'bits per second that the node commits', bandwidthOf, 1_000_000_000)
    .addOption(new Option('--log-level <level>', 'least level that is logged').choices([...LOG_LEVELS]).default('info'));
  return parseFlags<Flags>(command, arguments_);
}

async function run({ kubeconfig, node: name, namespace, chainId, nodesFile, nodeKeys: folder, networkBandwidth, logLevel }: Flags): Promise<void> {
  const named = new Map(nodesFile === undefined ? [] : readNodePlaces(nodesFile).map((place) => [place.name, place]));
  const key = nodeKeys(path.resolve(folder), [name]).get(name)!;
  const logger = createLogger('enc-node-offer', logLevel);
  const metrics = createMetrics();
  const api = await kubeApiFor(kubeconfig);
  const nodes = new Informer<Node>(api, RESOURCES.Node, logger, metrics, { query: { fieldSelector: `metadata.name=${name}` } });
  const reconciler = new OfferReconciler({ api, events: new EventRecorder(api, logger, os.hostname()), node: (one) => nodes.get(one), named, namespace, chainId, key, networkBandwidth });
  const controller = new Controller(reconciler, logger, metrics, { workers: 1 });
  nodes.onChange((change) => {
    if (change.type !== 'updated' || bearsOnCommitment(change.old, change.object)) controller.queue.add(name);
  });
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  void nodes.start();
  controller.start();
  logger.info('offering a node', { node: name, namespace, chainId, blsPublicKey: key.publicKey });
  await asked;
  await Promise.all([controller.stop(), nodes.stop()]);
  api.close();
}

const BAD_CONFIG = 2;
try {
  await run(readFlags(process.argv.slice(2)));
  process.exit(0);
} catch (error) {
  if (error instanceof HelpShown) process.exit(0);
  console.error(`enc-cluster offer: ${describeError(error).message}`);
  process.exit(error instanceof ConfigError ? BAD_CONFIG : 1);
}

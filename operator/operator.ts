// The operator: watches the cluster and the chain, and turns every change of either into keys for its controllers.
import type { Workload } from '../api/index.js';
import type { ChainClient } from '../chain/client/types.js';
import type { AdmissionRecord, Genesis, NodeRecord } from '../chain/types.js';
import type { ReceiptPredicate } from '../receipts/types.js';
import { isDeepStrictEqual } from 'node:util';
import { SCHEDULER_NAME } from '../api/labels.js';
import { createControllers, type Controllers } from './controllers.js';
import { ValidatorWatch, WINDOW_BLOCKS } from './encCluster/validatorWatch.js';
import { AdmissionBook } from './enforcement/admissionBook.js';
import { EnforcementWatch } from './enforcement/enforcementWatch.js';
import { HiddenPodWatch } from './enforcement/hiddenPodWatch.js';
import { NodeRegions } from './enforcement/nodeRegions.js';
import { RunningPods } from './enforcement/runningPods.js';
import { workloadKeyOf, type Informers } from './informers.js';
import { ChainFeed } from './ledger/chainFeed.js';
import { ChainWriter } from './ledger/chainWriter.js';
import { DecisionBook } from './ledger/decisionBook.js';
import { SlicePublisher } from './mesh/slicePublisher.js';
import { reportOf } from './node/decide.js';
import { LostNodes } from './node/lostNodes.js';
import { ServiceTable } from './resolver/serviceTable.js';
import { UsageSampler } from './metering/usageSampler.js';
import { describeError } from './runtime/describeError.js';
import { EventRecorder } from './runtime/eventRecorder.js';
import type { KubeApi } from './runtime/kubeApi.js';
import { keyOf, type KubeObject, type Pod } from './runtime/kubeObject.js';
import type { Logger } from './runtime/logger.js';
import type { OperatorMetrics } from './runtime/metrics.js';
import { gonePods } from './scheduler/sweep.js';

export interface OperatorOptions {
  api: KubeApi;
  client: ChainClient;
  genesis: Genesis;
  logger: Logger;
  metrics: OperatorMetrics;
  /** May have been started already. */
  informers: Informers;
  /** Name of this process in events. */
  identity: string;
}

const SWEEP_MS = 5 * 60_000;
const SILENCE_MS = 1_000;

/** Changes of a pod that its placement or its report depends on. */
function podMatters(old: Pod, pod: Pod): boolean {
  return (
    old.spec.nodeName !== pod.spec.nodeName ||
    old.status?.phase !== pod.status?.phase ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    !isDeepStrictEqual(old.spec.schedulingGates, pod.spec.schedulingGates)
  );
}

export class Operator {
  readonly #informers: Informers;
  readonly #controllers: Controllers;
  readonly #feed: ChainFeed;
  readonly #decisions: DecisionBook;
  readonly #running = new RunningPods();
  readonly #watch: EnforcementWatch;
  readonly #slices: SlicePublisher;
  readonly #services: ServiceTable;
  readonly #lostNodes = new LostNodes();
  readonly #regions: NodeRegions;
  readonly #sampler: UsageSampler;
  readonly #chain: ChainWriter;
  /** Nodes whose loss is being declared. */
  readonly #declaring = new Set<string>();
  #sweeping: NodeJS.Timeout | undefined;
  #listening: NodeJS.Timeout | undefined;
  #synced = false;

  constructor(private readonly options: OperatorOptions) {
    const { api, client, genesis, logger, metrics, informers, identity } = options;
    this.#informers = informers;
    this.#feed = new ChainFeed(client, logger);
    this.#decisions = new DecisionBook(client, logger);
    this.#slices = new SlicePublisher(api, logger);
    this.#services = new ServiceTable(client, logger, (resolved) => this.#slices.publish(resolved));
    const validators = new ValidatorWatch(genesis);
    const chain = (this.#chain = new ChainWriter(client, metrics));
    const events = new EventRecorder(api, logger, identity);
    const pod = (uid: string) => this.#running.get(uid);
    const admissions = new AdmissionBook(client);
    const regions = (this.#regions = new NodeRegions(client));
    const allNodes = () => this.#informers.nodes.list().map(({ metadata }) => metadata.name);
    const sampler = (this.#sampler = new UsageSampler({ api, logger, nodes: () => this.#nodesOfOurs(), allNodes, seen: (node, summary) => hidden.look(node, summary) }));
    const hidden = new HiddenPodWatch({ chain, events, logger, metrics, running: this.#running, node: (name) => this.#informers.nodes.get(name) });
    this.#controllers = createControllers({
      api,
      client,
      chain,
      informers: this.#informers,
      decisions: this.#decisions,
      validators,
      events,
      logger,
      metrics,
      pod,
      running: this.#running,
      admissions,
      regions,
      lostNodes: this.#lostNodes,
      usage: (uid) => sampler.of(uid),
    });
    this.#watch = new EnforcementWatch({ client, running: this.#running, admissions, regions, queues: this.#controllers, logger });
    this.#feed.onBlock((block) => {
      validators.block(block);
      admissions.note(block);
      this.#lostNodes.block(block);
    });
    this.#followCluster();
    this.#followChain();
  }

  /** Undefined when every local copy is complete. */
  notReady(): string | undefined {
    return this.#synced
      ? undefined
      : `not synced: ${this.#informers.all
          .filter(({ synced }) => !synced)
          .map(({ resource }) => resource.kind)
          .join(', ')}`;
  }

  /** Resolves when the local copies are complete and the controllers run. */
  async start(): Promise<void> {
    await Promise.all(this.#informers.all.map((informer) => informer.start()));
    this.#synced = true;
    this.#lostNodes.begin((await this.options.client.listState<NodeRecord>('node/')).map(({ value }) => value));
    this.#feed.start(Math.max(1, this.options.client.head().height - WINDOW_BLOCKS));
    for (const controller of this.#controllers.all) controller.start();
    await this.#watch.start();
    await this.#services.start();
    await this.#sweep();
    this.#sampler.start();
    this.#sweeping = setInterval(() => {
      void this.#sweep();
      this.#watch.everything();
    }, SWEEP_MS);
    this.#listening = setInterval(() => this.#declareSilent(), SILENCE_MS);
  }

  /** Resolves when the passes in flight are over. */
  async stop(): Promise<void> {
    clearInterval(this.#sweeping);
    clearInterval(this.#listening);
    this.#sampler.stop();
    this.#watch.stop();
    this.#feed.stop();
    this.#services.stop();
    this.#slices.stop();
    await Promise.all(this.#informers.all.map((informer) => informer.stop()));
    await Promise.all(this.#controllers.all.map((controller) => controller.stop()));
  }

  #followCluster(): void {
    const { pods, deployments, jobs, nodes, namespaces, workloads, networkPolicies } = this.#informers;
    const { scheduler, nodes: nodeController } = this.#controllers;
    pods.onChange((change) => {
      const { uid } = change.object.metadata;
      this.#watch.pod(change);
      const ours = change.object.spec.schedulerName === SCHEDULER_NAME;
      if (ours && (change.type !== 'updated' || podMatters(change.old, change.object))) scheduler.queue.add(uid);
      this.#addWorkloadOf(change.object);
    });
    for (const children of [deployments, jobs]) children.onChange(({ object }: { object: KubeObject }) => this.#addWorkloadOf(object));
    nodes.onChange((change) => {
      if (change.type !== 'updated' || !isDeepStrictEqual(reportOf(change.old), reportOf(change.object)))
        nodeController.queue.add(change.object.metadata.name);
    });
    namespaces.onChange((change) => {
      if (change.type !== 'updated' || isDeepStrictEqual(change.old.metadata.labels, change.object.metadata.labels)) return;
      const inside = ({ metadata: { namespace } }: Workload) => namespace === change.object.metadata.name;
      for (const workload of workloads.list().filter(inside)) this.#controllers.workloads.controller.queue.add(keyOf(workload));
      this.#watch.namespace(change.object.metadata.name);
    });
    networkPolicies.onChange(({ object }) => this.#controllers.networks.queue.add(object.metadata.namespace ?? ''));
  }

  #followChain(): void {
    const { encClusters, agreements, bisoPolicies, trafficRules, workloads, waiting } = this.#controllers;
    this.#feed.onReceipt((predicate) => {
      this.#decisions.note(predicate);
      for (const node of this.#lostNodes.receipt(predicate)) this.#nodeLostOrBack(node);
      if (predicate.outcome === 'applied') this.#applied(predicate);
      this.#addInstructed(this.#controllers.receipts.note(predicate));
    });
    this.#feed.onPolicyChange(() => {
      encClusters.addAll();
      agreements.addAll();
      workloads.addAll();
      for (const { controller, refusals } of [bisoPolicies, trafficRules]) for (const key of refusals.keys()) controller.queue.add(key);
      waiting.somethingChanged();
      this.#watch.policies();
    });
  }

  #applied({ operationType, object, details }: ReceiptPredicate): void {
    const { encClusters, nodes, waiting } = this.#controllers;
    switch (operationType) {
      case 'node.commit':
        nodes.queue.add(object!.name);
        this.#watch.node(object!.name);
        this.#learnRegion(object!.name, details);
        return this.#nodesChanged();
      case 'node.remove':
        this.#watch.node(object!.name);
        return this.#nodesChanged();
      case 'node.report':
        return this.#nodesChanged();
      case 'placement.transition':
        waiting.somethingChanged();
        return this.#addWorkloadOf(this.#running.get(object?.uid ?? ''));
      case 'placement.request':
        for (const { podUid } of groupOf(details)) this.#controllers.scheduler.queue.add(podUid);
        return this.#addWorkloadOf(this.#running.get(object?.uid ?? ''));
      case 'workload.remove':
        for (const key of encClusters.refusals.keys()) encClusters.refusals.forget(key);
        return encClusters.addAll();
    }
  }

  /** Votes, filings and decisions change what a Proposal or Dispute shows. */
  #addInstructed(id: string | undefined): void {
    if (id === undefined) return;
    const { proposals, disputes } = this.#controllers;
    for (const object of this.#informers.proposals.list()) if (object.status?.proposalId === id) proposals.controller.queue.add(keyOf(object));
    for (const object of this.#informers.disputes.list()) if (object.status?.caseId === id) disputes.controller.queue.add(keyOf(object));
  }

  /** Nodes that certified pods run on; a simulated one has no kubelet to ask. */
  #nodesOfOurs(): Set<string> {
    const nodes = new Set<string>();
    for (const { spec } of this.#running.all()) if (spec.schedulerName === SCHEDULER_NAME && spec.nodeName !== undefined) nodes.add(spec.nodeName);
    return nodes;
  }

  #learnRegion(node: string, details: unknown): void {
    const region = (details as { region?: string } | undefined)?.region;
    if (region !== undefined) this.#regions.learn(node, region);
  }

  /** Its pods are placed again, or waiting ones may go there. */
  #nodeLostOrBack(node: string): void {
    for (const { metadata, spec } of this.#informers.pods.list()) {
      if (spec.schedulerName === SCHEDULER_NAME && (!spec.nodeName || spec.nodeName === node)) this.#controllers.scheduler.queue.add(metadata.uid);
    }
    this.#nodesChanged();
  }

  #declareSilent(): void {
    for (const name of this.#lostNodes.silent(this.options.client.head().timestamp)) {
      if (this.#declaring.has(name)) continue;
      this.#declaring.add(name);
      this.#chain
        .send('node.lost', { name, reason: '' })
        .then(
          ({ code, reason }) => this.options.logger.warn(reason, { code, node: name }),
          (error: unknown) => this.options.logger.warn(`declaring node ${name} lost: ${describeError(error).message}`, { node: name }),
        )
        .finally(() => this.#declaring.delete(name));
    }
  }

  #nodesChanged(): void {
    this.#controllers.waiting.somethingChanged();
    this.#controllers.encClusters.addAll();
  }

  #addWorkloadOf(object: KubeObject | undefined): void {
    const key = object && workloadKeyOf(object);
    if (key !== undefined) this.#controllers.workloads.controller.queue.add(key);
  }

  /** Pods that went while nobody watched are released. */
  async #sweep(): Promise<void> {
    const { client, logger } = this.options;
    try {
      const admissions = (await client.listState<AdmissionRecord>('admission/')).map(({ value }) => value);
      const clusters = new Set(this.#informers.encClusters.list().map(({ metadata }) => metadata.name));
      const gone = gonePods({ admissions, clusters, exists: (uid) => this.#running.get(uid) !== undefined, now: client.head().timestamp });
      for (const uid of gone) this.#controllers.scheduler.queue.add(uid);
      if (gone.length > 0) logger.info('pods are gone that the ledger still counts', { pods: gone.length });
    } catch (error) {
      const { code, message } = describeError(error);
      logger.warn(`looking for gone pods: ${message}`, { code });
    }
  }
}

/** Members of a pod group that one request placed. */
function groupOf(details: unknown): { podUid: string }[] {
  return (details as { group?: { podUid: string }[] } | undefined)?.group ?? [];
}

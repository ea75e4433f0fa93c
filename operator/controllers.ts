// Makes the operator's controllers: one for each custom resource, one for Nodes, one that schedules.
import type { BisoPolicy, PolicyException, Resource, TrafficRule } from '../api/index.js';
import { agreementKind } from './agreement/agreementKind.js';
import { encClusterKind } from './encCluster/encClusterKind.js';
import type { ValidatorWatch } from './encCluster/validatorWatch.js';
import type { AdmissionBook } from './enforcement/admissionBook.js';
import { EnforcementReconciler } from './enforcement/enforcementReconciler.js';
import { NetworkReconciler } from './enforcement/networkReconciler.js';
import type { NodeRegions } from './enforcement/nodeRegions.js';
import { ReportReconciler } from './enforcement/reportReconciler.js';
import type { RunningPods } from './enforcement/runningPods.js';
import { subjectKeyOf } from './enforcement/subjectKey.js';
import { disputeParts } from './instructed/disputeParts.js';
import { instructedKind } from './instructed/instructedKind.js';
import { LatestReceipts } from './instructed/latestReceipts.js';
import { proposalParts } from './instructed/proposalParts.js';
import type { Informers } from './informers.js';
import type { ChainWriter } from './ledger/chainWriter.js';
import type { LostNodes } from './node/lostNodes.js';
import type { DecisionBook } from './ledger/decisionBook.js';
import { PolicySetReader } from './ledger/policySetReader.js';
import { RefusalMemory } from './ledger/refusalMemory.js';
import { NodeReconciler } from './node/nodeReconciler.js';
import { policyObjectKind } from './policyObject/policyObjectKind.js';
import { REFUSAL_STANDS_MS } from './reconcile/registration.js';
import { ResourceReconciler, type ResourceKind } from './reconcile/resourceReconciler.js';
import { Controller } from './runtime/controller.js';
import type { EventRecorder } from './runtime/eventRecorder.js';
import type { Informer } from './runtime/informer.js';
import type { KubeApi } from './runtime/kubeApi.js';
import { keyOf, type Pod } from './runtime/kubeObject.js';
import type { Logger } from './runtime/logger.js';
import type { OperatorMetrics } from './runtime/metrics.js';
import { PodShow } from './scheduler/podShow.js';
import { SchedulerReconciler } from './scheduler/schedulerReconciler.js';
import { WaitingPods } from './scheduler/waitingPods.js';
import { AppliedChildren } from './workload/gather.js';
import { workloadKind } from './workload/workloadKind.js';
import type { ChainClient } from '../chain/client/types.js';
import type { ResourceUsage } from '../receipts/types.js';

export interface Parts {
  api: KubeApi;
  client: ChainClient;
  chain: ChainWriter;
  informers: Informers;
  decisions: DecisionBook;
  validators: ValidatorWatch;
  events: EventRecorder;
  logger: Logger;
  metrics: OperatorMetrics;
  /** By uid. */
  pod: (uid: string) => Pod | undefined;
  running: RunningPods;
  admissions: AdmissionBook;
  regions: NodeRegions;
  lostNodes: LostNodes;
  usage: (uid: string) => ResourceUsage | undefined;
}

/** A report is read by people: what changes meanwhile is in the same one. */
const REPORT_AFTER_MS = 1_000;
const WORKERS = { resource: 4, workload: 8, node: 4, scheduler: 1_024, enforcement: 8 };
/** Placement is quick or not yet: a pod whose verdict is about to be final is tried again within milliseconds. */
const SCHEDULER_BACKOFF = { baseMs: 50, maxMs: 30_000 };

export function createControllers(parts: Parts) {
  const { api, client, chain, informers, decisions, validators, events, logger, metrics } = parts;
  const policies = new PolicySetReader(client);
  const all: Controller[] = [];
  const begin = (controller: Controller) => {
    all.push(controller);
    return controller;
  };

  /** A custom resource's controller, fed by its informer. */
  function resource<R extends Resource, Seen>(informer: Informer<R>, kind: ResourceKind<R, Seen>, workers: number) {
    const refusals = new RefusalMemory(REFUSAL_STANDS_MS);
    const reconciler = new ResourceReconciler(kind, informer, { api, chain }, refusals, events);
    const controller = begin(new Controller(reconciler, logger, metrics, { workers }));
    informer.onChange((change) => {
      if (change.type !== 'updated' || reconciler.callsForPass(change.old, change.object)) controller.queue.add(keyOf(change.object));
    });
    return { controller, refusals, addAll: () => informer.list().forEach((object) => controller.queue.add(keyOf(object))) };
  }

  const encClusters = resource(informers.encClusters, encClusterKind({ client, policies, validators }), WORKERS.resource);
  const agreements = resource(informers.agreements, agreementKind(client, policies), WORKERS.resource);
  const bisoPolicies = resource(informers.bisoPolicies, policyObjectKind<BisoPolicy>('BisoPolicy', policies), WORKERS.resource);
  const trafficRules = resource(informers.trafficRules, policyObjectKind<TrafficRule>('TrafficRule', policies), WORKERS.resource);
  const policyExceptions = resource(informers.policyExceptions, policyObjectKind<PolicyException>('PolicyException', policies), WORKERS.resource);
  const receipts = new LatestReceipts();
  const proposals = resource(informers.proposals, instructedKind(proposalParts, { client, latest: receipts }), WORKERS.resource);
  const disputes = resource(informers.disputes, instructedKind(disputeParts, { client, latest: receipts }), WORKERS.resource);
  const workloadSources = { client, ...informers, decisions, applied: new AppliedChildren() };
  const workloads = resource(informers.workloads, workloadKind(workloadSources), WORKERS.workload);
  const nodes = begin(new Controller(new NodeReconciler(client, chain, informers.nodes, events), logger, metrics, { workers: WORKERS.node }));

  const waiting = new WaitingPods({ addAfter: (key, ms) => scheduler.queue.addAfter(key, ms) });
  const schedulerReconciler = new SchedulerReconciler({ client, chain, api, show: new PodShow(api, events), metrics, pod: parts.pod, waiting, regions: parts.regions, usage: parts.usage, lost: parts.lostNodes.why });
  const scheduler = begin(new Controller(schedulerReconciler, logger, metrics, { workers: WORKERS.scheduler, ...SCHEDULER_BACKOFF }));

  const reports = begin(new Controller(new ReportReconciler(api, parts.running, informers.workloads), logger, metrics, { workers: WORKERS.resource }));
  const namespaceLabels = (name: string) => informers.namespaces.get(name)?.metadata.labels;
  const networkReconciler = new NetworkReconciler({ ...parts, ...informers, namespaceLabels });
  const networks = begin(new Controller(networkReconciler, logger, metrics, { workers: WORKERS.resource }));
  const enforcementReconciler = new EnforcementReconciler({
    ...parts,
    namespaceLabels,
    cutOff: (namespace) => networkReconciler.cutOff(namespace),
    found: (pod) => reports.queue.addAfter(subjectKeyOf(pod), REPORT_AFTER_MS),
  });
  const enforcement = begin(new Controller(enforcementReconciler, logger, metrics, { workers: WORKERS.enforcement }));

  return {
    all,
    reports,
    networks,
    enforcement,
    encClusters,
    agreements,
    bisoPolicies,
    trafficRules,
    policyExceptions,
    proposals,
    disputes,
    receipts,
    workloads,
    nodes,
    scheduler,
    waiting,
  };
}
export type Controllers = ReturnType<typeof createControllers>;

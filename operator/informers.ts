// The local copies of everything the operator watches.
import type { Agreement, BisoPolicy, Dispute, EncCluster, PolicyException, Proposal, TrafficRule, Workload } from '../api/index.js';
import { LABELS } from '../api/labels.js';
import { MANAGED_SELECTOR, type NetworkPolicy } from './enforcement/networkPolicies.js';
import { Informer } from './runtime/informer.js';
import type { KubeApi } from './runtime/kubeApi.js';
import { RESOURCES, type Deployment, type Job, type KubeObject, type Node, type Pod } from './runtime/kubeObject.js';
import type { Logger } from './runtime/logger.js';
import type { OperatorMetrics } from './runtime/metrics.js';

/** namespace/name of the Workload that a pod, Deployment or Job belongs to. */
export function workloadKeyOf({ metadata: { namespace, labels } }: KubeObject): string | undefined {
  const name = labels?.[LABELS.workload];
  return name === undefined || namespace === undefined ? undefined : `${namespace}/${name}`;
}

export function createInformers(api: KubeApi, logger: Logger, metrics: OperatorMetrics) {
  const made: Informer<never>[] = [];
  const informer = <T extends KubeObject>(
    ...[resource, options]: [resource: Informer<T>['resource'], options?: ConstructorParameters<typeof Informer<T>>[4]]
  ) => {
    const one = new Informer<T>(api, resource, logger, metrics, options);
    made.push(one as unknown as Informer<never>);
    return one;
  };
  const owned = { query: { labelSelector: LABELS.workload } };
  return {
    all: made,
    encClusters: informer<EncCluster>(RESOURCES.EncCluster),
    agreements: informer<Agreement>(RESOURCES.Agreement),
    bisoPolicies: informer<BisoPolicy>(RESOURCES.BisoPolicy),
    trafficRules: informer<TrafficRule>(RESOURCES.TrafficRule),
    policyExceptions: informer<PolicyException>(RESOURCES.PolicyException),
    proposals: informer<Proposal>(RESOURCES.Proposal),
    disputes: informer<Dispute>(RESOURCES.Dispute),
    workloads: informer<Workload>(RESOURCES.Workload),
    namespaces: informer<KubeObject>(RESOURCES.Namespace),
    nodes: informer<Node>(RESOURCES.Node),
    deployments: informer<Deployment>(RESOURCES.Deployment, owned),
    jobs: informer<Job>(RESOURCES.Job, owned),
    // All of them: one that came past admission names another scheduler.
    pods: informer<Pod>(RESOURCES.Pod, { indexBy: workloadKeyOf }),
    networkPolicies: informer<NetworkPolicy>(RESOURCES.NetworkPolicy, { query: { labelSelector: MANAGED_SELECTOR } }),
  };
}
export type Informers = ReturnType<typeof createInformers>;

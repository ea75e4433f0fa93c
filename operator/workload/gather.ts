// What is known about a Workload: its record on the ledger, its Deployment or Job, its pods and their certified decisions, and what policy says of it now.
import type { Workload, WorkloadDecision } from '../../api/index.js';
import type { ChainClient } from '../../chain/client/types.js';
import { hashOfJson } from '../../chain/client/hashOfJson.js';
import { stateKeys, type WorkloadRecord, type WorkloadRegistration } from '../../chain/types.js';
import type { Verdict } from '../../policy/types.js';
import type { DecisionBook } from '../ledger/decisionBook.js';
import type { Refused } from '../ledger/refusalMemory.js';
import type { Informer } from '../runtime/informer.js';
import { keyOf, type Deployment, type Job, type KubeObject, type Pod } from '../runtime/kubeObject.js';
import { isOwnedBy } from './child.js';
import { dataOf } from './podTemplate.js';
import { previewVerdict } from './previewVerdict.js';

export interface SeenWorkload {
  object: Workload;
  registration: WorkloadRegistration;
  record: WorkloadRecord | undefined;
  policyHeight: number;
  refused: Refused | undefined;
  /** Of the Workload's name, whoever made it. */
  child: Deployment | Job | undefined;
  childIsOurs: boolean;
  /** The child is as it was when it was last applied for this generation. */
  childIsApplied: boolean;
  pods: Pod[];
  decisions: WorkloadDecision[];
  /** What policy says of such a pod at this moment; null in a namespace that is not enforced. */
  preview: Verdict | null;
}

export interface WorkloadSources {
  client: ChainClient;
  namespaces: Informer<KubeObject>;
  deployments: Informer<Deployment>;
  jobs: Informer<Job>;
  /** Indexed by namespace/workload. */
  pods: Informer<Pod>;
  decisions: DecisionBook;
  applied: AppliedChildren;
}

/** Remembers which generation of the child was left behind for which generation of the Workload, so that drift is seen without comparing specs. */
export class AppliedChildren {
  readonly #applied = new Map<string, string>();
  remember(workload: Workload, child: KubeObject): void {
    this.#applied.set(workload.metadata.uid ?? '', AppliedChildren.#mark(workload, child));
  }
  has(workload: Workload, child: KubeObject): boolean {
    return this.#applied.get(workload.metadata.uid ?? '') === AppliedChildren.#mark(workload, child);
  }
  forget({ metadata: { uid = '' } }: Workload): void {
    this.#applied.delete(uid);
  }
  static #mark(workload: Workload, child: KubeObject): string {
    return `${workload.metadata.generation} ${child.metadata.uid} ${child.metadata.generation}`;
  }
}

export function registrationOf(object: Workload): WorkloadRegistration {
  const { namespace, name, uid = '', generation = 0 } = object.metadata;
  const { clusterRef, kind, replicas, template } = object.spec;
  return {
    namespace,
    name,
    uid,
    generation,
    cluster: clusterRef,
    workloadKind: kind,
    replicas,
    templateHash: hashOfJson(template),
    data: dataOf(object),
  };
}

export async function gather(
  { client, namespaces, deployments, jobs, pods, decisions, applied }: WorkloadSources,
  object: Workload,
  refused: (policyHeight: number) => Refused | undefined,
  minHeight?: number,
): Promise<SeenWorkload> {
  const key = keyOf(object);
  const { name, namespace } = object.metadata;
  const { value: record } = await client.getState<WorkloadRecord>(stateKeys.workload(namespace, name), minHeight === undefined ? {} : { minHeight });
  const child = object.spec.kind === 'Deployment' ? deployments.get(key) : jobs.get(key);
  const set = client.policySet();
  const own = pods.byIndex(key);
  return {
    object,
    registration: registrationOf(object),
    record,
    policyHeight: set.policyHeight,
    refused: refused(set.policyHeight),
    child,
    childIsOurs: child !== undefined && isOwnedBy(child, object),
    childIsApplied: child !== undefined && applied.has(object, child),
    pods: own,
    decisions: (await Promise.all(own.map((pod) => decisions.of(pod)))).filter((decision) => decision !== undefined),
    preview: previewVerdict(set, object, namespaces.get(namespace)?.metadata.labels ?? {}),
  };
}

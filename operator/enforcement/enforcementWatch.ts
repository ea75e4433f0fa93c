// Follows every change to the running pods that it concerns: of a policy set, a pod, a namespace, a node, the end of an exception; and all of them once in a while, for what else time alone changes.
import type { ChainClient } from '../../chain/client/types.js';
import type { PolicySet } from '../../policy/types.js';
import { describeError } from '../runtime/describeError.js';
import type { Change } from '../runtime/informer.js';
import type { Pod } from '../runtime/kubeObject.js';
import type { Logger } from '../runtime/logger.js';
import type { WorkQueue } from '../runtime/workQueue.js';
import type { AdmissionBook } from './admissionBook.js';
import { concernedBy } from './affected.js';
import { nextEnding } from './exceptionEnds.js';
import type { NodeRegions } from './nodeRegions.js';
import type { RunningPods } from './runningPods.js';
import { subjectKeyOf } from './subjectKey.js';

type Queued = { queue: Pick<WorkQueue, 'add' | 'addAfter'> };

/** Pods come in numbers: what is said of a whole namespace is said once for all that came meanwhile. */
const GATHER_MS = 100;
/** Bound, running and ready come one after the other. */
const SETTLED_MS = 500;
/** setTimeout takes no more; it is then set again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface WatchSources {
  client: Pick<ChainClient, 'policySet'>;
  running: RunningPods;
  admissions: AdmissionBook;
  regions: NodeRegions;
  queues: { enforcement: Queued; networks: Queued; reports: Queued };
  logger: Logger;
}

const isReady = ({ status }: Pod) => (status?.conditions ?? []).some(({ type, status: is }) => type === 'Ready' && is === 'True');

/** Changes of a pod that its judgement, or a move that waits for it, depends on. */
function matters(old: Pod, pod: Pod): boolean {
  return (
    old.spec.nodeName !== pod.spec.nodeName ||
    old.status?.phase !== pod.status?.phase ||
    old.metadata.deletionTimestamp !== pod.metadata.deletionTimestamp ||
    isReady(old) !== isReady(pod) ||
    JSON.stringify(old.metadata.labels) !== JSON.stringify(pod.metadata.labels)
  );
}

export class EnforcementWatch {
  #set: PolicySet | undefined;
  #ending: NodeJS.Timeout | undefined;

  constructor(private readonly sources: WatchSources) {}

  /** One listing of the ledger, so that a full scan asks it nothing pod by pod. */
  async start(): Promise<void> {
    const { admissions, client, logger } = this.sources;
    this.#set = client.policySet();
    try {
      await admissions.load();
    } catch (error) {
      const { code, message } = describeError(error);
      logger.warn(`listing admissions: ${message}; each is read when it is needed`, { code });
    }
    this.everything();
    this.#awaitEnding();
  }

  stop(): void {
    clearTimeout(this.#ending);
  }

  everything(): void {
    for (const pod of this.sources.running.all()) this.#look(pod);
    for (const namespace of this.sources.running.namespaces()) this.sources.queues.networks.queue.add(namespace);
  }

  pod(change: Change<Pod>): void {
    const { running, queues } = this.sources;
    const { object } = change;
    if (change.type === 'deleted') {
      running.remove(object.metadata.uid);
      running.setJudged(object.metadata.uid, undefined);
      queues.reports.queue.add(subjectKeyOf(object));
    } else running.put(object);
    if (change.type === 'updated' && !matters(change.old, object)) return;
    // It was judged for this node when it was placed: what its start changes is looked at once.
    queues.enforcement.queue.addAfter(object.metadata.uid, change.type === 'deleted' ? 0 : SETTLED_MS);
    queues.networks.queue.addAfter(object.metadata.namespace, GATHER_MS);
    // A pod that is being moved may have waited for this one.
    for (const one of running.movingIn(object.metadata.namespace)) this.#look(one);
  }

  namespace(name: string): void {
    for (const pod of this.sources.running.inNamespace(name)) this.#look(pod);
    this.sources.queues.networks.queue.add(name);
  }

  node(name: string): void {
    this.sources.regions.forget(name);
    for (const uid of this.sources.running.onNode(name)) this.sources.queues.enforcement.queue.add(uid);
  }

  /** Only pods whose data the change speaks of; those whose data is not known yet too. */
  policies(): void {
    const { client, running, admissions, queues } = this.sources;
    const before = this.#set;
    const after = client.policySet();
    this.#set = after;
    const concerned = before ? concernedBy(before, after) : () => true;
    const namespaces = new Set<string>();
    for (const pod of running.all()) {
      const facts = admissions.known(pod.metadata.uid);
      if (facts?.data && !concerned(facts.data, facts.cluster)) continue;
      this.#look(pod);
      namespaces.add(pod.metadata.namespace);
    }
    for (const namespace of namespaces) queues.networks.queue.add(namespace);
    this.#awaitEnding();
  }

  /** What an exception let run is judged again in the moment in which it ends. */
  #awaitEnding(): void {
    clearTimeout(this.#ending);
    const next = nextEnding(this.#set?.exceptions ?? [], Date.now());
    if (!next) return;
    const ended = () => {
      if (Date.now() >= next.at) for (const namespace of next.namespaces) this.namespace(namespace);
      this.#awaitEnding();
    };
    this.#ending = setTimeout(ended, Math.min(next.at - Date.now(), LONGEST_TIMER_MS)).unref();
  }

  #look({ metadata }: Pod): void {
    this.sources.queues.enforcement.queue.add(metadata.uid);
  }
}

// The scheduler: asks the chain for a placement, believes it only when proved, binds, and reports what becomes of the pod. Keys are pod uids.
import { LRUCache } from 'lru-cache';
import { podSpecHash } from '../../chain/client/podSpecHash.js';
import type { ChainClient, FinalisedResult } from '../../chain/client/types.js';
import { stateKeys, type SchedulingDecision } from '../../chain/types.js';
import type { ResourceUsage } from '../../receipts/types.js';
import type { NodeRegions } from '../enforcement/nodeRegions.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import { Gate } from '../runtime/gate.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import type { Pod } from '../runtime/kubeObject.js';
import type { OperatorMetrics } from '../runtime/metrics.js';
import { bindPod } from './bindPod.js';
import { decide, type Followed, type PodStep } from './decide.js';
import { deletePod } from './deletePod.js';
import type { PodShow } from './podShow.js';
import type { WaitingPods } from './waitingPods.js';

class SchedulingError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'SchedulingError';
  }
}

export interface SchedulerSources {
  client: ChainClient;
  chain: ChainWriter;
  api: KubeApi;
  show: PodShow;
  metrics: OperatorMetrics;
  /** By uid. */
  pod: (uid: string) => Pod | undefined;
  waiting: WaitingPods;
  regions: Pick<NodeRegions, 'of'>;
  /** What was measured of a pod. */
  usage: (uid: string) => ResourceUsage | undefined;
  /** Why a node is lost; undefined when it is not. */
  lost: (node: string) => string | undefined;
}

interface Memory {
  firstSeen: number;
  decision?: Followed & { message: string };
  receiptId: string;
  released: boolean;
  /** Answers NotAdmitted so far. */
  tooEarly: number;
}

/** Its verdict may be acknowledged but not yet in a block. After so many answers there is none: the pod did not come through the webhooks. */
const NOT_ADMITTED = 'NotAdmitted';
const TOO_EARLY_AT_MOST = 7;

/** The API server keeps 25 idle connections to a webhook: more bindings at once would each pay for a handshake on both sides. */
const BINDINGS_AT_ONCE = 24;

export class SchedulerReconciler implements Reconciler {
  readonly name = 'Scheduler';
  readonly #bindings = new Gate(BINDINGS_AT_ONCE);
  readonly #memory = new LRUCache<string, Memory>({ max: 50_000 });

  constructor(private readonly sources: SchedulerSources) {}

  async reconcile(uid: string): Promise<PassResult> {
    const pod = this.sources.pod(uid);
    const memory = this.#memoryOf(uid);
    // A pod that is not bound is asked for: the answer tells of a decision that was made before.
    if (pod?.spec.nodeName && !memory.decision) memory.decision = await this.#readDecision(uid);
    const step = decide(pod, memory.decision, memory.released, this.sources.lost);
    switch (step.do) {
      case 'nothing':
        return { quiet: step.why };
      case 'complain':
        await this.sources.show.complain(pod!, step.code, step.message);
        return { quiet: step.message };
      case 'request':
        return this.#request(pod!, memory);
      case 'bind':
        return this.#bind(pod!, memory);
      case 'evict':
        return this.#evict(pod!, step.reason, memory);
      case 'transition':
        return this.#transition(uid, step, memory);
    }
  }

  async showFailure(uid: string, { code, message }: { code: string; message: string }): Promise<void> {
    const pod = this.sources.pod(uid);
    if (!pod || pod.spec.nodeName || code === NOT_ADMITTED) return;
    await this.sources.show.failed(pod, 'SchedulerError', `${code}: ${message}`);
  }

  #memoryOf(uid: string): Memory {
    let memory = this.#memory.get(uid);
    if (!memory) this.#memory.set(uid, (memory = { firstSeen: performance.now(), receiptId: '', released: false, tooEarly: 0 }));
    return memory;
  }

  async #readDecision(uid: string, minHeight?: number): Promise<Memory['decision']> {
    const options = minHeight === undefined ? {} : { minHeight };
    const { value } = await this.sources.client.getState<SchedulingDecision>(stateKeys.decision(uid), options);
    return value && { targetNode: value.targetNode, state: value.state, height: value.height, message: value.explanation.message };
  }

  async #request(pod: Pod, memory: Memory): Promise<PassResult> {
    const { uid } = pod.metadata;
    const { chain, metrics, waiting } = this.sources;
    const result = await chain.send('placement.request', { podUid: uid, specHash: podSpecHash(pod), attempt: waiting.attempts(uid) });
    metrics.placements.inc({ code: result.code });
    if (result.outcome !== 'applied') return this.#notPlaced(pod, memory, result);
    waiting.remove(uid);
    const decision = placedBy(result) ?? (await this.#readDecision(uid, result.height));
    if (!decision)
      throw new SchedulingError(
        'DecisionMissing',
        `placement of pod ${uid} was answered ${result.code} at height ${result.height}, but the state has no decision`,
      );
    memory.decision = decision;
    memory.receiptId = result.transactionId;
    return this.#bind(pod, memory);
  }

  async #notPlaced(pod: Pod, memory: Memory, result: FinalisedResult): Promise<PassResult> {
    const { code, reason, transactionId, height } = result;
    if (code === NOT_ADMITTED && (memory.tooEarly += 1) <= TOO_EARLY_AT_MOST) throw new SchedulingError(code, reason);
    this.sources.waiting.add(pod.metadata.uid);
    for (const victim of (result.details as { preemption?: { victims: string[] } } | undefined)?.preemption?.victims ?? []) await this.#preempt(pod, victim);
    await this.sources.show.failed(pod, 'Unschedulable', code === 'Waiting' ? reason : `${code}: ${reason} (height ${height})`);
    return { receiptId: transactionId };
  }

  /** The victim's receipt first, then the pod: what it holds is free when it is gone. */
  async #preempt({ metadata: { uid: podUid } }: Pod, victimUid: string): Promise<void> {
    const { code, reason, outcome, transactionId } = await this.sources.chain.send('placement.preempt', { podUid, victimUid });
    if (outcome !== 'applied') throw new SchedulingError(code, reason);
    const victim = this.sources.pod(victimUid);
    if (!victim || code !== 'Preempted') return;
    await this.sources.show.complain(victim, 'Preempted', `${reason} (receipt ${transactionId})`);
    await deletePod(this.sources.api, victim);
  }

  async #evict(pod: Pod, reason: string, memory: Memory): Promise<PassResult> {
    const failed = memory.decision!.state === 'Failed' ? {} : await this.#transition(pod.metadata.uid, { do: 'transition', to: 'Failed', reason }, memory);
    await this.sources.show.complain(pod, 'NodeLost', reason);
    await deletePod(this.sources.api, pod);
    return failed;
  }

  async #bind(pod: Pod, { decision, receiptId, firstSeen }: Memory): Promise<PassResult> {
    const { targetNode, height, message } = decision!;
    const region = await this.sources.regions.of(targetNode);
    if ((await this.#bindings.through(() => bindPod(this.sources.api, pod, targetNode, region))) === 'gone') return { quiet: 'the pod is gone' };
    this.sources.metrics.boundSeconds.observe((performance.now() - firstSeen) / 1000);
    // Nothing waits for the event, and the recorder reports its own failures.
    void this.sources.show.bound(pod, { node: targetNode, why: message, height, receiptId });
    return receiptId === '' ? {} : { receiptId };
  }

  async #transition(uid: string, { to, reason }: Extract<PodStep, { do: 'transition' }>, memory: Memory): Promise<PassResult> {
    // What it uses while it runs is of its end to say.
    const usage = to === 'Running' ? undefined : this.sources.usage(uid);
    const result = await this.sources.chain.send('placement.transition', { podUid: uid, to, reason: reason.slice(0, 500), ...(usage ? { usage } : {}) });
    if (result.outcome !== 'applied') {
      // Somebody else moved it meanwhile: what the ledger says counts.
      delete memory.decision;
      throw new SchedulingError(result.code, result.reason);
    }
    if (to === 'Released') {
      this.sources.waiting.remove(uid);
      memory.released = true;
    } else if (memory.decision) memory.decision = { ...memory.decision, state: to };
    return { receiptId: result.transactionId };
  }
}

/** The decision as the verified receipt of the request tells it; undefined when an earlier request made it. */
function placedBy({ code, details, height }: FinalisedResult): Memory['decision'] {
  if (code !== 'Placed') return undefined;
  const { node, message } = details as { node: string; message: string };
  return { targetNode: node, state: 'Scheduled', height, message };
}

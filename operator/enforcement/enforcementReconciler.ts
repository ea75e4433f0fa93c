// Re-checks one running pod: gather → judge → decide → act, each action with a receipt. Keys are pod uids.
import { GROUP, RUNTIME_LABELS } from '../../api/labels.js';
import type { ReceiptReference } from '../../api/index.js';
import type { ChainClient } from '../../chain/client/types.js';
import { enforcingCluster } from '../../policy/enforcingCluster.js';
import type { AdmissionFacts } from '../../policy/types.js';
import { guard } from '../../policy/violation.js';
import type { ChainWriter } from '../ledger/chainWriter.js';
import type { DecisionBook } from '../ledger/decisionBook.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { EventRecorder } from '../runtime/eventRecorder.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type Pod } from '../runtime/kubeObject.js';
import type { OperatorMetrics } from '../runtime/metrics.js';
import type { AdmissionBook } from './admissionBook.js';
import { BEFORE_ANNOTATION, decide, TEMPLATE_HASH, type Step } from './decide.js';
import { judge, type Judgement } from './judge.js';
import type { NodeRegions } from './nodeRegions.js';
import type { RunningPods } from './runningPods.js';

export interface EnforcementSources {
  client: ChainClient;
  chain: ChainWriter;
  api: KubeApi;
  events: EventRecorder;
  metrics: OperatorMetrics;
  running: RunningPods;
  admissions: AdmissionBook;
  decisions: DecisionBook;
  regions: NodeRegions;
  namespaceLabels: (name: string) => Record<string, string> | undefined;
  /** Makes sure that a pod which is labelled is cut off. */
  cutOff: (namespace: string) => Promise<void>;
  /** The pod's judgement is another one. */
  found: (pod: Pod) => void;
}

/** A certificate may be a block behind the pod that is seen bound. */
const LOOK_TWICE_MS = 5_000;
const REASON_BYTES = 1_000;

const did: Record<Exclude<Step['do'], 'nothing' | 'mark'>, string> = {
  detach: 'MigrationStarted',
  removeMoved: 'Migrated',
  cut: 'ConnectionTerminated',
  restore: 'ConnectionRestored',
  stop: 'Stopped',
};

export class EnforcementReconciler implements Reconciler {
  readonly name = 'RuntimeEnforcement';
  readonly #suspects = new Map<string, number>();

  constructor(private readonly sources: EnforcementSources) {}

  async reconcile(uid: string): Promise<PassResult> {
    const { running, client, namespaceLabels } = this.sources;
    const pod = running.get(uid);
    if (!pod) return this.#forget(uid, 'the pod is gone');
    const { namespace } = pod.metadata;
    const cluster = enforcingCluster(client.policySet(), { name: namespace, labels: namespaceLabels(namespace) ?? {} });
    if (cluster === null || pod.spec.nodeName === undefined) return this.#forget(uid, 'it is not enforced, or not placed');
    const facts = await this.#certified(pod);
    if (!facts) return this.#uncertified(pod);
    this.#suspects.delete(uid);
    const region = await this.sources.regions.of(pod.spec.nodeName);
    const judgement = judge(client.policySet(), { facts, region, time: Date.now() });
    const step = decide({ pod, judgement, region, neighbours: running.inNamespace(namespace) });
    return this.#act(pod, judgement, step);
  }

  async showFailure(uid: string, { code, message }: { code: string; message: string }): Promise<void> {
    const pod = this.sources.running.get(uid);
    if (pod) await this.sources.events.record(pod, { type: 'Warning', reason: code, note: message, action: 'Enforce' });
  }

  /** What it was admitted with, with the labels of now, when a certified decision put it where it is. */
  async #certified(pod: Pod): Promise<AdmissionFacts | undefined> {
    const { admissions, decisions, namespaceLabels } = this.sources;
    const { uid, namespace, labels = {} } = pod.metadata;
    const [facts, decision] = [await admissions.of(uid), await decisions.of(pod)];
    if (!facts?.pod || decision?.node !== pod.spec.nodeName) return undefined;
    const own = Object.fromEntries(Object.entries(labels).filter(([key]) => !key.startsWith(`runtime.${GROUP}/`)));
    return { ...facts, namespace: { name: namespace, labels: namespaceLabels(namespace) ?? {} }, pod: { ...facts.pod, labels: own } };
  }

  /** It came past admission, or was there before its namespace was enforced: what has no certificate does not go on running. */
  async #uncertified(pod: Pod): Promise<PassResult> {
    const { uid, namespace, name } = pod.metadata;
    if (pod.metadata.deletionTimestamp !== undefined) return { quiet: 'it is being removed' };
    const first = this.#suspects.get(uid);
    if (first === undefined) this.#suspects.set(uid, Date.now());
    if (first === undefined || Date.now() - first < LOOK_TWICE_MS) return { quiet: 'no certified decision is seen for it yet', againMs: LOOK_TWICE_MS };
    const because = guard('NotCertified', `pod ${namespace}/${name} runs on ${pod.spec.nodeName} without a certified decision`, 'its controller makes one that asks for a verdict');
    const verdict = { ...judgementless, message: because.message, violations: [because] };
    return this.#act(pod, { verdict, remedy: 'stop', because }, { do: 'stop' });
  }

  async #act(pod: Pod, judgement: Judgement, step: Step): Promise<PassResult> {
    const before = this.sources.running.judged(pod.metadata.uid);
    if (step.do === 'nothing' || step.do === 'mark') {
      if (step.do === 'mark') await this.#patch(pod, { labels: { [RUNTIME_LABELS.region]: step.region } });
      const action = judgement.remedy === 'none' || judgement.remedy === 'report' ? undefined : before?.action;
      this.#show(pod, { judgement, ...(action ? { action } : {}) });
      return { quiet: step.do === 'mark' ? 'its region is marked' : step.why };
    }
    const what = await this.#carryOut(pod, step);
    if (what === undefined) return this.#forget(pod.metadata.uid, 'the pod is gone');
    const receipt = await this.#report(pod, judgement, what);
    this.sources.metrics.enforcements.inc({ action: did[step.do] });
    this.#show(pod, { judgement, action: { did: did[step.do], receipt } });
    const type = step.do === 'restore' ? 'Normal' : 'Warning';
    await this.sources.events.record(pod, { type, reason: did[step.do], note: `${what}: ${judgement.because?.message ?? 'it may run again'} (receipt ${receipt.id})`, action: 'Enforce' });
    return { receiptId: receipt.id };
  }

  /** What was done, for the receipt; undefined when the pod is gone. */
  async #carryOut(pod: Pod, step: Exclude<Step, { do: 'nothing' | 'mark' }>): Promise<string | undefined> {
    const { name, namespace } = pod.metadata;
    switch (step.do) {
      case 'detach': {
        const labels = { [TEMPLATE_HASH]: null, [RUNTIME_LABELS.moving]: step.controller };
        const done = await this.#patch(pod, { labels, annotations: { [BEFORE_ANNOTATION]: step.before.join(',') } });
        return done && `let go of pod ${name}, which runs on until the one that its ReplicaSet makes is placed on an allowed node and ready`;
      }
      case 'removeMoved': {
        const { replacedBy } = step;
        return (await this.#delete(pod)) ? `removed pod ${name} from ${pod.spec.nodeName}, for pod ${replacedBy.metadata.name} serves on ${replacedBy.spec.nodeName}` : undefined;
      }
      case 'cut':
        await this.sources.cutOff(namespace);
        return (await this.#patch(pod, { labels: { [RUNTIME_LABELS.cut]: 'true' } })) && `cut all connections of pod ${name} by NetworkPolicy`;
      case 'restore':
        return (await this.#patch(pod, { labels: { [RUNTIME_LABELS.cut]: null } })) && `let pod ${name} have connections again`;
      case 'stop':
        return (await this.#delete(pod)) ? `removed pod ${name} from ${pod.spec.nodeName}` : undefined;
    }
  }

  async #patch({ metadata: { name, namespace, uid } }: Pod, metadata: object): Promise<true | undefined> {
    try {
      await this.sources.api.patch(RESOURCES.Pod.path(name, namespace), 'application/merge-patch+json', { metadata: { uid, ...metadata } });
      return true;
    } catch (error) {
      // Another uid: the pod is another one by now.
      if (isKubeError(error, 'NotFound', 'Conflict')) return undefined;
      throw error;
    }
  }

  async #delete({ metadata: { name, namespace, uid } }: Pod): Promise<boolean> {
    try {
      await this.sources.api.delete(RESOURCES.Pod.path(name, namespace), { preconditions: { uid } });
      return true;
    } catch (error) {
      if (isKubeError(error, 'NotFound', 'Conflict')) return false;
      throw error;
    }
  }

  async #report(pod: Pod, { because }: Judgement, what: string): Promise<ReceiptReference> {
    const { namespace, name, uid } = pod.metadata;
    const rule = because ? [because.kind, because.name, because.rule].filter(Boolean).join('/') : '';
    const reason = because ? `${rule}: ${because.message}` : 'policy allows it again';
    const { transactionId, height } = await this.sources.chain.send('reconcile.report', {
      object: { kind: 'Pod', namespace, name, uid },
      generation: 0,
      outcome: 'applied',
      reason: reason.slice(0, REASON_BYTES),
      actions: [what.slice(0, 500)],
    });
    return { id: transactionId, height };
  }

  #show(pod: Pod, judged: { judgement: Judgement; action?: { did: string; receipt?: ReceiptReference } }): void {
    this.sources.running.setJudged(pod.metadata.uid, { pod: pod.metadata.name, ...judged });
    this.sources.found(pod);
  }

  #forget(uid: string, quiet: string): PassResult {
    this.#suspects.delete(uid);
    this.sources.running.setJudged(uid, undefined);
    return { quiet };
  }
}

/** Of a pod that nobody judged. */
const judgementless: Judgement['verdict'] = {
  decision: 'refuse',
  light: 'Red',
  policyHeight: 0,
  legal: { compliant: false, agreements: [], reason: '' },
  violations: [],
  warnings: [],
  flows: [],
  obligations: [],
  evaluated: [],
  allowedRegions: null,
  message: '',
};

// Writes the PolicyReport of one Workload (or pod without one) when what policy says of it has changed, and only then. Keys are subjects.
import type { Workload } from '../../api/index.js';
import { API_VERSION } from '../../api/labels.js';
import { hashOfJson } from '../../chain/client/hashOfJson.js';
import type { Informer } from '../runtime/informer.js';
import type { PassResult, Reconciler } from '../runtime/controller.js';
import type { KubeApi } from '../runtime/kubeApi.js';
import { isKubeError } from '../runtime/kubeError.js';
import { RESOURCES, type Pod } from '../runtime/kubeObject.js';
import { serverSideApply } from '../runtime/serverSideApply.js';
import { policyReport, type Subject } from './policyReport.js';
import type { RunningPods } from './runningPods.js';

export class ReportReconciler implements Reconciler {
  readonly name = 'PolicyReport';
  /** Whole seconds, as objects' times are. */
  readonly #began = Math.floor(Date.now() / 1_000) * 1_000;
  readonly #written = new Map<string, string>();

  constructor(
    private readonly api: KubeApi,
    private readonly running: RunningPods,
    private readonly workloads: Informer<Workload>,
  ) {}

  async reconcile(key: string): Promise<PassResult> {
    const [namespace = '', kind = '', name = ''] = key.split('/');
    const pods = this.running.ofSubject(key);
    const subject = this.#subject({ namespace, kind, name }, pods);
    const judged = pods.flatMap(({ metadata: { uid } }) => this.running.judged(uid) ?? []).toSorted((a, b) => (a.pod < b.pod ? -1 : 1));
    if (!subject || judged.length === 0) {
      this.#written.delete(key);
      return { quiet: 'nothing of it runs; its report goes with its object' };
    }
    if (!this.#written.has(key) && pods.every((pod) => this.#cameCleanly(pod, kind))) return { quiet: 'a pod by itself of which there is nothing to report gets no report' };
    const report = policyReport(subject, judged);
    const hash = hashOfJson(report);
    if (this.#written.get(key) === hash) return { quiet: 'the report says so already' };
    try {
      await serverSideApply(this.api, RESOURCES.PolicyReport, report);
    } catch (error) {
      if (!isKubeError(error, 'NotFound')) throw error;
      return { quiet: 'PolicyReports are not defined here: apply config/crds' };
    }
    this.#written.set(key, hash);
    return { quiet: 'the report was written' };
  }

  showFailure(): Promise<void> {
    return Promise.resolve();
  }

  /** Begun before this operator, it may have a report that says otherwise. */
  #cameCleanly({ metadata: { uid, creationTimestamp = '' } }: Pod, kind: string): boolean {
    const judged = this.running.judged(uid);
    if (kind !== 'Pod' || Date.parse(creationTimestamp) < this.#began) return false;
    return judged !== undefined && judged.action === undefined && judged.judgement.verdict.violations.length === 0 && judged.judgement.verdict.obligations.length === 0;
  }

  #subject({ namespace, kind, name }: { namespace: string; kind: string; name: string }, pods: readonly Pod[]): Subject | undefined {
    const uid = kind === 'Workload' ? this.workloads.get(`${namespace}/${name}`)?.metadata.uid : pods[0]?.metadata.uid;
    return uid === undefined ? undefined : { apiVersion: kind === 'Workload' ? API_VERSION : 'v1', kind, namespace, name, uid };
  }
}

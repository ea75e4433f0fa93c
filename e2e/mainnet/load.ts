// Admission load on a mainnet: pods that must be let through and pods that must not, one after the other, each answer judged.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeApi } from '../../operator/runtime/kubeApi.js';
import { kubeApiFromFile } from '../../operator/runtime/kubeApiFromFile.js';
import type { KubeError } from '../../operator/runtime/kubeError.js';
import { receiptIdIn } from '../story/resources.js';
import type { RunningMainnet } from './runningMainnet.js';

export interface LoadResult {
  answers: number;
  /** Answers that should have been the other way. */
  wrong: string[];
  /** Of refusals that were acknowledged. */
  receipts: string[];
  /** The API server refused, for no webhook could decide: that is right. */
  unanswered: number;
}

const NOBODY = /failed calling webhook|no quorum|not acknowledged|connection refused|Unavailable|timed? ?out|nobody|InternalError/i;
const LABELS = { 'enc.metanode.io/data-classification': 'Restricted', 'enc.metanode.io/data-region': 'EU' };
const ANNOTATIONS = { 'enc.metanode.io/agreements': 'payments-agreement' };
const PODS = '/api/v1/namespaces/payments/pods';
const WORKERS = 3;
/** Of each between two creates: the mainnet shares the machine. */
const PAUSE_MS = 200;

function pod(name: string, nodeName?: string): object {
  const container = { name: 'main', image: 'enc.local/demo:1', imagePullPolicy: 'Never', resources: { requests: { cpu: '1m', memory: '8Mi' } } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'payments', labels: LABELS, annotations: ANNOTATIONS },
    // Let through, and then waiting for a node that never comes.
    spec: { containers: [container], ...(nodeName === undefined ? { nodeSelector: { 'enc.metanode.io/runtime': 'none-such' } } : { nodeName }) },
  };
}

const refusalOf = (asked: Promise<unknown>): Promise<KubeError | undefined> =>
  asked.then(
    () => undefined,
    (error: KubeError) => error,
  );

export class AdmissionLoad {
  #running = false;
  #workers: Promise<void>[] = [];
  readonly #result: LoadResult = { answers: 0, wrong: [], receipts: [], unanswered: 0 };

  readonly #api: KubeApi;

  constructor(private readonly mainnet: RunningMainnet) {
    this.#api = kubeApiFromFile(mainnet.cluster.kubeconfig);
  }

  start(): void {
    this.#running = true;
    this.#workers = Array.from({ length: WORKERS }, (_, worker) => this.#work(worker));
  }

  async stop(): Promise<LoadResult> {
    this.#running = false;
    await Promise.all(this.#workers);
    await this.mainnet.kubectl(['delete', 'pods', '-n', 'payments', '-l', 'enc.metanode.io/data-classification=Restricted', '--field-selector=status.phase=Pending', '--wait=false']);
    this.#api.close();
    return this.#result;
  }

  async #work(worker: number): Promise<void> {
    for (let turn = 0; this.#running; turn++) {
      const bad = turn % 2 === 1;
      const name = `load-${worker}-${turn}`;
      const refusal = await refusalOf(this.#api.create(PODS, pod(name, bad ? this.mainnet.cluster.realNodes[0] : undefined)));
      this.#judge(name, bad, refusal);
      // Hundreds that wait for a node would be asked about again and again.
      if (!refusal) await refusalOf(this.#api.delete(`${PODS}/${name}`));
      await sleep(PAUSE_MS);
    }
  }

  #judge(name: string, bad: boolean, refusal: KubeError | undefined): void {
    this.#result.answers++;
    const said = refusal?.message ?? '';
    if (!refusal) {
      if (bad) this.#result.wrong.push(`${name} was let through`);
    } else if (/denied the request/.test(said) && !NOBODY.test(said)) {
      if (!bad) this.#result.wrong.push(`${name} was refused: ${said.trim()}`);
      else this.#result.receipts.push(receiptIdIn(said));
    } else if (refusal.status === 0 || NOBODY.test(said)) this.#result.unanswered++;
    else this.#result.wrong.push(`${name}: ${said.trim()}`);
  }
}

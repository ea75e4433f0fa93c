// Admission load on a mainnet: pods that must be let through and pods that must not, one after the other, each answer judged.
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
const WORKERS = 3;

function pod(name: string, nodeName?: string): string {
  const container = { name: 'main', image: 'enc.local/demo:1', imagePullPolicy: 'Never', resources: { requests: { cpu: '1m', memory: '8Mi' } } };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'payments', labels: LABELS, annotations: ANNOTATIONS },
    // Let through, and then waiting for a node that never comes.
    spec: { containers: [container], ...(nodeName === undefined ? { nodeSelector: { 'enc.metanode.io/runtime': 'none-such' } } : { nodeName }) },
  });
}

export class AdmissionLoad {
  #running = false;
  #workers: Promise<void>[] = [];
  readonly #result: LoadResult = { answers: 0, wrong: [], receipts: [], unanswered: 0 };

  constructor(private readonly mainnet: RunningMainnet) {}

  start(): void {
    this.#running = true;
    this.#workers = Array.from({ length: WORKERS }, (_, worker) => this.#work(worker));
  }

  async stop(): Promise<LoadResult> {
    this.#running = false;
    await Promise.all(this.#workers);
    await this.mainnet.kubectl(['delete', 'pods', '-n', 'payments', '-l', 'enc.metanode.io/data-classification=Restricted', '--field-selector=status.phase=Pending', '--wait=false']);
    return this.#result;
  }

  async #work(worker: number): Promise<void> {
    for (let turn = 0; this.#running; turn++) {
      const bad = turn % 2 === 1;
      const name = `load-${worker}-${turn}`;
      const { code, stderr } = await this.mainnet.kubectl(['create', '-f', '-'], pod(name, bad ? this.mainnet.cluster.realNodes[0] : undefined));
      this.#judge(name, bad, code, stderr);
    }
  }

  #judge(name: string, bad: boolean, code: number, said: string): void {
    this.#result.answers++;
    if (code === 0) {
      if (bad) this.#result.wrong.push(`${name} was let through`);
    } else if (/denied the request/.test(said) && !NOBODY.test(said)) {
      if (!bad) this.#result.wrong.push(`${name} was refused: ${said.trim()}`);
      else this.#result.receipts.push(receiptIdIn(said));
    } else if (NOBODY.test(said)) this.#result.unanswered++;
    else this.#result.wrong.push(`${name}: ${said.trim()}`);
  }
}
